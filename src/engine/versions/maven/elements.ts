/**
 * Takes a Maven version apart into a flat list of elements. Maven's own lists nest, each in the last place of the one
 * before, so that a mark where one opens says the same.
 * Specification: https://maven.apache.org/pom.html#version-order-specification
 */

/**
 * A hyphen, and every change between digits and other characters, opens a list; a dot does not.
 * `digits` have no leading zeros; a qualifier is in lower case, and "" when it means the release itself.
 */
export type MavenElement =
	| { readonly kind: "number"; readonly digits: string }
	| { readonly kind: "qualifier"; readonly text: string }
	| { readonly kind: "list" };

/** Spellings that count as another one. A lone letter is a word only right before a digit. */
const synonyms = new Map([
	["cr", "rc"],
	["ga", ""],
	["final", ""],
	["release", ""],
]);
const letters = new Map([
	["a", "alpha"],
	["b", "beta"],
	["m", "milestone"],
]);

const list: MavenElement = { kind: "list" };
const zero: MavenElement = { kind: "number", digits: "0" };

/** The elements of a version, without what counts as nothing at the end of a list. */
export function readElements(version: string): readonly MavenElement[] {
	const elements: MavenElement[] = [];
	let inList = 0;
	for (const { element, opens } of tokensOf(version.toLowerCase())) {
		if (opens && inList > 0) {
			while (isNothing(elements.at(-1))) elements.pop();
			elements.push(list);
			inList = 0;
		}
		elements.push(element);
		inList++;
	}
	while (isNothing(elements.at(-1)) || elements.at(-1)?.kind === "list") elements.pop();
	return elements;
}

interface Token {
	readonly element: MavenElement;
	/** A list opens before it. */
	readonly opens: boolean;
}

function* tokensOf(text: string): Generator<Token> {
	let opens = false;
	let start = 0;
	for (let at = 0; at < text.length; at++) {
		const character = text[at];
		if (character === "." || character === "-") {
			yield { element: at === start ? zero : elementOf(text, start, at), opens };
			opens = character === "-";
			start = at + 1;
		} else if (at > start && isDigit(text, at) !== isDigit(text, start)) {
			yield { element: elementOf(text, start, at), opens: opens || !isDigit(text, start) };
			opens = true;
			start = at;
		}
	}
	if (start < text.length)
		yield { element: elementOf(text, start, text.length), opens: opens || !isDigit(text, start) };
}

function elementOf(text: string, start: number, end: number): MavenElement {
	const token = text.slice(start, end);
	if (isDigit(text, start)) return { kind: "number", digits: withoutLeadingZeros(token) };
	const word = (isDigit(text, end) ? letters.get(token) : undefined) ?? token;
	return { kind: "qualifier", text: synonyms.get(word) ?? word };
}

function withoutLeadingZeros(digits: string): string {
	let zeros = 0;
	while (zeros < digits.length - 1 && digits.charCodeAt(zeros) === 0x30) zeros++;
	return digits.slice(zeros);
}

function isDigit(text: string, at: number): boolean {
	const code = text.charCodeAt(at);
	return code >= 0x30 && code <= 0x39;
}

/** Zeros and the release qualifiers weigh as much as nothing at all. */
function isNothing(element: MavenElement | undefined): boolean {
	if (element === undefined || element.kind === "list") return false;
	return element.kind === "number" ? element.digits === "0" : element.text === "";
}
