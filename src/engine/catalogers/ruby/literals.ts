/** Ruby's ways to write a plain string: `"x"`, `'x'`, `%q{x}`, `%q<x>`, `%q(x)`, `%q[x]`. */
const literal =
	/^(?:"([^"\\#]*)"|'([^'\\]*)'|%[qQ]?(?:\{([^{}\\#]*)\}|<([^<>\\#]*)>|\(([^()\\#]*)\)|\[([^[\]\\#]*)\]))/;

/** The string that Ruby source begins with; null when it begins with anything but a plain one. */
export function leadingString(source: string): { readonly text: string; readonly rest: string } | null {
	const match = literal.exec(source);
	if (match === null) return null;
	const text = match.slice(1).find((group) => group !== undefined) ?? "";
	return { text, rest: source.slice(match[0].length) };
}
