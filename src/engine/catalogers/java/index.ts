import type { Package, Warning } from "#model";
import type { Cataloger, CatalogResult } from "../types.ts";
import { archiveName, type JavaArchive, readArchive } from "./archive.ts";
import { identify } from "./identify.ts";
import { newBudget } from "./limits.ts";

/** Maven artifacts: Java archives, those in them, and what was shaded into each. */
export const java: Cataloger = {
	id: "java",
	version: 1,
	wants: ({ path }) => archiveName.test(path),
	open: ({ path }) => {
		const reader = readArchive(1, newBudget());
		return { write: (chunk) => reader.write(chunk), end: () => resultOf(reader.end(), path) };
	},
};

/** A file that is no archive at all only has an archive's name. */
function resultOf(archive: JavaArchive, path: string): CatalogResult {
	const packages: Package[] = [];
	const faults: string[] = [];
	if (!archive.foreign) collect(archive, path, path, packages, faults);
	return { packages, warnings: warningsOf(faults, path) };
}

function collect(archive: JavaArchive, path: string, root: string, packages: Package[], faults: string[]): void {
	for (const { name, version } of identify(archive, path)) packages.push({ type: "maven", name, version, path });
	const place = path === root ? "" : `${path.slice(root.length + 1)}: `;
	for (const fault of archive.faults) faults.push(`${place}${fault}`);
	for (const { name, content } of archive.nested) {
		collect(content, `${path}/${cleaned(name)}`, root, packages, faults);
	}
}

/** Longer paths serve nobody. */
const nameLimit = 512;

/** The name of an entry as a path below its archive. */
function cleaned(name: string): string {
	const parts = name
		.slice(-nameLimit)
		.replace(/[\x00-\x1f\x7f]/g, "?")
		.split(/[/\\]/);
	return parts.filter((part) => part !== "" && part !== "." && part !== "..").join("/");
}

function warningsOf(faults: readonly string[], path: string): readonly Warning[] {
	const [first] = faults;
	if (first === undefined) return [];
	const others = faults.length === 1 ? "" : ` (and ${faults.length - 1} more)`;
	const message = `The Java archive cannot be read in full, so packages in it may be missing: ${readable(first)}${others}.`;
	return [{ code: "package_file_malformed", message, path }];
}

/** Faults name entries, which may be called anything. */
function readable(fault: string): string {
	return fault.slice(0, 2 * nameLimit).replaceAll(/[\p{Cc}\p{Cf}]/gu, "?");
}
