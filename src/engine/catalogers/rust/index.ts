import type { Cataloger } from "../types.ts";
import { scanExecutable } from "./scan.ts";

/** Rust crates, from the list that cargo-auditable puts into executables (ELF, PE, Mach-O). */
export const rust: Cataloger = {
	id: "rust",
	version: 1,
	wants: ({ path, mode }) => (mode & 0o111) !== 0 || path.endsWith(".exe"),
	open: scanExecutable,
};
