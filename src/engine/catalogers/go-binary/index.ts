import type { Cataloger } from "../types.ts";
import { scanExecutable } from "./scan.ts";

/** Go modules, from the build information that Go puts into every executable (ELF, PE, Mach-O). */
export const goBinary: Cataloger = {
	id: "go-binary",
	version: 1,
	wants: ({ path, mode }) => (mode & 0o111) !== 0 || path.endsWith(".exe"),
	open: scanExecutable,
};
