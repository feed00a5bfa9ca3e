/**
 * Indented JSON that ends with a newline, safe to look at: characters that JSON allows raw in strings, but that a
 * terminal or an editor obeys (C1 controls, bidirectional controls, line separators, invisible characters), are escapes.
 * They only ever stand inside strings, where an escape means the same.
 */
export function safeJson(value: object): string {
	return `${JSON.stringify(value, null, 2).replace(unsafeOnTerminals, asEscape)}\n`;
}

const unsafeOnTerminals = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

function asEscape(character: string): string {
	return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
