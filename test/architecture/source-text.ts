/**
 * A reading of TypeScript source that is just deep enough to find imports: comments, template texts, regular
 * expressions and the contents of strings are blanked, so that a word inside them is never taken for code.
 * Blanked text keeps its length and its line breaks: an offset means the same in both texts.
 */
export function blankNonCode(source: string): string {
	const out = source.split("");
	const blank = (from: number, to: number): void => {
		for (let i = from; i < to; i++) if (out[i] !== "\n") out[i] = " ";
	};
	/** One entry for every open template expression: how many braces are open inside it. */
	const templates: number[] = [];
	let at = 0;
	while (at < source.length) {
		const char = source[at];
		const next = source[at + 1];
		let end = at + 1;
		if (char === "/" && next === "/") {
			end = orEnd(source.indexOf("\n", at), source);
			blank(at, end);
		} else if (char === "/" && next === "*") {
			end = orEnd(source.indexOf("*/", at + 2), source, 2);
			blank(at, end);
		} else if (char === '"' || char === "'") {
			end = endOfString(source, at + 1, char);
			blank(at + 1, end - 1);
		} else if (char === "`" || (char === "}" && templates.at(-1) === 0)) {
			if (char === "}") templates.pop();
			const text = endOfTemplateText(source, at + 1);
			blank(at + 1, text.end);
			if (text.opensExpression) templates.push(0);
			end = text.end + (text.opensExpression ? 2 : 1);
		} else if (char === "/" && startsRegex(out, at)) {
			end = endOfRegex(source, at + 1);
			blank(at + 1, end - 1);
		} else if (templates.length > 0 && (char === "{" || char === "}")) {
			templates.push((templates.pop() ?? 0) + (char === "{" ? 1 : -1));
		}
		at = end;
	}
	return out.join("");
}

function orEnd(index: number, source: string, width = 0): number {
	return index < 0 ? source.length : index + width;
}

function endOfString(source: string, from: number, quote: string): number {
	for (let i = from; i < source.length; i++) {
		if (source[i] === "\\") i++;
		else if (source[i] === quote) return i + 1;
		else if (source[i] === "\n") return i;
	}
	return source.length;
}

function endOfTemplateText(source: string, from: number): { end: number; opensExpression: boolean } {
	for (let i = from; i < source.length; i++) {
		if (source[i] === "\\") i++;
		else if (source[i] === "`") return { end: i, opensExpression: false };
		else if (source[i] === "$" && source[i + 1] === "{") return { end: i, opensExpression: true };
	}
	return { end: source.length, opensExpression: false };
}

/** A slash begins a regular expression where a value may begin; after a value it divides. */
function startsRegex(out: readonly string[], at: number): boolean {
	let i = at - 1;
	while (i >= 0 && /\s/.test(out[i] ?? "")) i--;
	if (i < 0) return true;
	if (!/[\w$)\]"'`]/.test(out[i] ?? "")) return true;
	const before = out.slice(Math.max(0, i - 10), i + 1).join("");
	return /(?:^|[^\w$.])(?:return|typeof|case|in|of|await|yield|throw)$/.test(before);
}

function endOfRegex(source: string, from: number): number {
	let inClass = false;
	for (let i = from; i < source.length; i++) {
		const char = source[i];
		if (char === "\\") i++;
		else if (char === "[") inClass = true;
		else if (char === "]") inClass = false;
		else if (char === "\n") return i;
		else if (char === "/" && !inClass) return i + 1;
	}
	return source.length;
}
