/**
 * The text of a document. UTF-8 is what both standards ask for; UTF-16 with a byte order mark is what PowerShell makes
 * of a generator's output.
 */
export function decodeText(bytes: Uint8Array): string {
	const [first, second] = bytes;
	if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
	if (first === 0xfe && second === 0xff) return new TextDecoder("utf-16be").decode(bytes);
	return new TextDecoder().decode(bytes);
}

/** The first character that is no white space; empty when there is none. */
export function firstSign(text: string): string {
	return /\S/.exec(text)?.[0] ?? "";
}
