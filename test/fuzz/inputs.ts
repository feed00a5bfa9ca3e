/** Where targets have their inputs from. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** `src/engine` */
export const engine: string = join(import.meta.dirname, "../../src/engine");

/** Every file of a folder's `testdata`, those that are parsers' own tests included; `only` keeps some of them. */
export function testdataOf(folder: string, only?: RegExp): readonly Uint8Array[] {
	const path = join(engine, folder, "testdata");
	if (!existsSync(path)) return [];
	return readdirSync(path, { withFileTypes: true, recursive: true })
		.filter((entry) => entry.isFile() && (only?.test(entry.name) ?? true))
		.map((entry) => join(entry.parentPath, entry.name))
		.sort()
		.map((file) => Uint8Array.from(readFileSync(file)));
}

export function texts(...list: readonly string[]): readonly Uint8Array[] {
	return list.map((text) => Uint8Array.from(Buffer.from(text)));
}

export function jsonTexts(...list: readonly unknown[]): readonly Uint8Array[] {
	return texts(...list.map((value) => JSON.stringify(value)));
}

export function textOf(input: Uint8Array): string {
	return Buffer.from(input).toString();
}
