import { blankNonCode } from "./source-text.ts";

/** One import of a source file. Re-exports (`export … from`) are imports too. */
export interface Import {
	/** As written; null where a dynamic import computes it. */
	readonly specifier: string | null;
	/** Erased before the program runs (`import type`, `export type`). */
	readonly typeOnly: boolean;
	/** 1-based. */
	readonly line: number;
}

/** `import … from "x"` and `export … from "x"`; the binding part has no quotes, semicolons or parentheses. */
const STATIC = /(?<![\w$.#@])(?:import|export)\b(\s+type\b(?!\s*(?:,|from\s*["'])))?[\w$*\s{},]*?\bfrom\s*["']/g;
const SIDE_EFFECT = /(?<![\w$.#@])import\s*["']/g;
const DYNAMIC = /(?<![\w$.#@])import\s*\(\s*(["'])?/g;

/** Every import of a TypeScript source, in order of appearance. */
export function importsOf(source: string): readonly Import[] {
	const code = blankNonCode(source);
	const found = new Map<number, Import>();
	const add = (end: number, quoted: boolean, typeOnly: boolean): void => {
		if (found.has(end)) return;
		const specifier = quoted ? source.slice(end, code.indexOf(source[end - 1] ?? "", end)) : null;
		found.set(end, { specifier, typeOnly, line: lineAt(source, end) });
	};
	for (const match of code.matchAll(STATIC)) add(endOf(match), true, match[1] !== undefined);
	for (const match of code.matchAll(SIDE_EFFECT)) add(endOf(match), true, false);
	for (const match of code.matchAll(DYNAMIC)) add(endOf(match), match[1] !== undefined, false);
	return [...found].sort(([a], [b]) => a - b).map(([, imported]) => imported);
}

/** Line number (1-based) of an offset. */
export function lineAt(source: string, offset: number): number {
	return source.slice(0, offset).split("\n").length;
}

function endOf(match: RegExpExecArray): number {
	return match.index + match[0].length;
}
