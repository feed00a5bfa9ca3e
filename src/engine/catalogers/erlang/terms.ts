/** A term of Erlang's text form. Maps, references and the like do not stand in the files that are read. */
export type Term =
	| { readonly kind: "atom" | "text" | "number"; readonly text: string }
	| { readonly kind: "list" | "tuple"; readonly items: readonly Term[] };

/** Terms of one file; a large application names some thousand modules. */
const termsLimit = 200_000;

/** Nesting; application files go four deep. */
const depthLimit = 64;

/**
 * One token: a bracket, a comma, the dot that ends a term, a string, a quoted or plain atom, a number, a character, the
 * type of a binary.
 */
const token =
	/(?<open>[[{]|<<)|(?<close>[\]}]|>>)|(?<separator>[,|])|(?<end>\.(?=\s|%|$))|"(?<string>(?:[^"\\]|\\[^])*)"|'(?<quoted>(?:[^'\\]|\\[^])*)'|(?<atom>[a-z][\w@]*)|(?<number>[-+]?\d[\w#]*(?:\.\d\w*)?)|(?<sign>\$\\?[^])|(?<suffix>\/[a-z]+)/y;

/** Where the next token begins: behind white space and comments. */
function skip(text: string, start: number): number {
	let at = start;
	for (;;) {
		const code = text.charCodeAt(at);
		if (code === 0x25) {
			const end = text.indexOf("\n", at);
			at = end < 0 ? text.length : end;
		} else if (code === 0x20 || (code >= 0x09 && code <= 0x0d)) at++;
		else return at;
	}
}

/** Reads the terms of a file as `file:consult/1` does, each ended by a dot; null when that is not what it holds. */
export function readTerms(text: string): readonly Term[] | null {
	const done: Term[] = [];
	const open: { readonly bracket: string; readonly items: Term[] }[] = [{ bracket: "", items: done }];
	let count = 0;
	for (let at = skip(text, 0); at < text.length; at = skip(text, token.lastIndex)) {
		token.lastIndex = at;
		const groups = token.exec(text)?.groups;
		const inner = open.at(-1);
		if (!groups || !inner || ++count > termsLimit) return null;
		const { open: bracket, close } = groups;
		if (bracket !== undefined) {
			if (open.length > depthLimit) return null;
			open.push({ bracket, items: [] });
		} else if (close !== undefined) {
			const whole = closed(open.pop(), close);
			const outer = open.at(-1);
			if (!whole || !outer) return null;
			outer.items.push(whole);
		} else if (groups["end"] !== undefined) {
			if (open.length !== 1) return null;
		} else {
			const term = plainTerm(groups);
			if (term) inner.items.push(term);
		}
	}
	return open.length === 1 ? done : null;
}

const closing: Readonly<Record<string, string>> = { "[": "]", "{": "}", "<<": ">>" };

function closed(
	opened: { readonly bracket: string; readonly items: readonly Term[] } | undefined,
	close: string,
): Term | null {
	if (!opened || closing[opened.bracket] !== close) return null;
	if (opened.bracket === "<<") return { kind: "text", text: opened.items.map(textOf).join("") };
	return { kind: opened.bracket === "[" ? "list" : "tuple", items: opened.items };
}

/** Null for what stands between terms: commas, the type of a binary. */
function plainTerm(groups: Readonly<Record<string, string | undefined>>): Term | null {
	const { string, quoted, atom, number, sign } = groups;
	if (string !== undefined) return { kind: "text", text: unescaped(string) };
	if (quoted !== undefined) return { kind: "atom", text: unescaped(quoted) };
	if (atom !== undefined) return { kind: "atom", text: atom };
	const digits = number ?? sign;
	return digits === undefined ? null : { kind: "number", text: digits };
}

/** Names and versions have no escapes; what others stand for does not matter here. */
function unescaped(text: string): string {
	return text.replaceAll(/\\([^])/g, "$1");
}

/** The text of an atom, a string or a binary; empty for everything else. */
export function textOf(term: Term | undefined): string {
	return term?.kind === "atom" || term?.kind === "text" ? term.text : "";
}

export function itemsOf(term: Term | undefined): readonly Term[] {
	return term?.kind === "list" || term?.kind === "tuple" ? term.items : [];
}

/** The second part of the pair `{Key, Value}` in a list. */
export function valueOf(list: readonly Term[], key: string): Term | undefined {
	const pair = list.find((term) => term.kind === "tuple" && textOf(term.items[0]) === key);
	return itemsOf(pair)[1];
}
