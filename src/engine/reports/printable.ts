/**
 * Makes text from an image, a registry or a feed harmless on a terminal: such text is hostile (DESIGN §7).
 * The result is one line without control characters; what was taken out is shown as an escape (`\x1b`, `\u202e`),
 * so that a reader sees that something was there.
 * Terminal controls: ECMA-48; bidirectional controls: UAX #9 and Unicode TR 36.
 */
export function printable(text: string): string {
	if (plain.test(text)) return text.trim();
	return text
		.toWellFormed()
		.replace(/[\s\u0085]+/gu, " ")
		.trim()
		.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}]/gu, escaped)
		.replace(pileOfMarks, "$1");
}

/** Printable ASCII with single spaces: most text, and it needs no work. */
const plain = /^(?:[\x21-\x7e]| (?! ))*$/;

/** Marks stacked on one letter spread over the lines around it; living languages need no more than three. */
const pileOfMarks = /(\p{M}{3})\p{M}+/gu;

function escaped(character: string): string {
	const code = character.codePointAt(0) ?? 0;
	if (code <= 0xff) return `\\x${code.toString(16).padStart(2, "0")}`;
	return code <= 0xffff ? `\\u${code.toString(16).padStart(4, "0")}` : `\\u{${code.toString(16)}}`;
}
