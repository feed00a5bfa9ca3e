/**
 * The elements of one name of a large XML document, one after the other, while the text streams by: only one is in
 * memory at a time. Tags must nest; a document type declaration, which feeds have no use for, is refused, so that there
 * are no entities but the predefined ones.
 * https://www.w3.org/TR/xml/
 */
import { chunksOf } from "./feed-bytes.ts";
import type { FeedBytes } from "./feed-types.ts";
import { Malformed } from "./json.ts";

/** An element's own text, tags included, or why it is left out. Elements inside of it are part of it. */
export type XmlElement = { readonly text: string } | { readonly problem: string };

export interface XmlElementsOptions {
	/** Name of the document's own element, without prefix. */
	readonly root: string;
	/** Name of the wanted elements, without prefix. */
	readonly name: string;
	/** An element with more characters is left out, and said so. */
	readonly mostCharacters: number;
}

/** No feed nests its tags deeper than some 15 levels. */
const mostDepth = 100;
/** Characters of a tag with its attributes, of a comment, or of a processing instruction. */
const mostTag = 1024 * 1024;

/** Throws `Malformed` when the text is not such a document or ends early. */
export async function* xmlElements(bytes: FeedBytes, options: XmlElementsOptions): AsyncGenerator<XmlElement> {
	const decoder = new TextDecoder("utf-8", { fatal: true });
	const splitter = new Splitter(options);
	for await (const chunk of chunksOf(bytes)) {
		for (let at = 0; at < chunk.length; at += partBytes)
			yield* splitter.push(decoded(decoder, chunk.subarray(at, at + partBytes)));
	}
	yield* splitter.push(decoded(decoder, new Uint8Array(), true));
	splitter.end();
}

const partBytes = 256 * 1024;

function decoded(decoder: TextDecoder, bytes: Uint8Array, last = false): string {
	try {
		return decoder.decode(bytes, { stream: !last });
	} catch {
		throw new Malformed("it is not XML in UTF-8");
	}
}

class Splitter {
	readonly #options: XmlElementsOptions;
	/** Local names of the open elements. */
	readonly #open: string[] = [];
	/** What is not looked at yet, after what is kept of a wanted element. */
	#text = "";
	/** Where to go on in `#text`. */
	#at = 0;
	/** Where a token that is not complete yet was searched to. */
	#searched = 0;
	/** Where a tag that is not complete yet was read to, and the quotation mark that was open there. */
	#tag = { readTo: 0, quoted: "" };
	/** Where the wanted element starts in `#text`, and the number of elements that are open around it. */
	#wanted: { start: number; depth: number } | null = null;
	#problem: string | null = null;
	#ended = false;

	constructor(options: XmlElementsOptions) {
		this.#options = options;
	}

	push(part: string): XmlElement[] {
		const elements: XmlElement[] = [];
		this.#text += part;
		while (this.#token(elements));
		this.#forget();
		return elements;
	}

	end(): void {
		if (this.#open.length > 0 || this.#text.includes("<", this.#at)) throw new Malformed("it ends early");
		if (!this.#ended) throw new Malformed("it is no XML");
	}

	/** Reads up to the end of the next tag; false when it is not there yet. */
	#token(elements: XmlElement[]): boolean {
		const start = this.#text.indexOf("<", Math.max(this.#at, this.#searched));
		if (start < 0) {
			this.#requireBlank(this.#text.length);
			this.#at = this.#text.length;
			return false;
		}
		this.#requireBlank(start);
		this.#at = start;
		this.#searched = start;
		const end = this.#endOfToken(start);
		if (end < 0) {
			if (this.#text.length - start > mostTag) throw new Malformed(`a tag has more than ${mostTag} characters`);
			return false;
		}
		this.#searched = 0;
		const token = this.#text.slice(start, end);
		this.#at = end;
		if (token.startsWith("<!--") || token.startsWith("<?") || token.startsWith("<![CDATA[")) return true;
		if (token.startsWith("</")) this.#close(token, end, elements);
		else this.#start(token, start, end, elements);
		return true;
	}

	/** Outside the document's element there is only white space. */
	#requireBlank(end: number): void {
		if (this.#open.length > 0) return;
		if (/[^\s\ufeff]/.test(this.#text.slice(this.#at, end))) throw new Malformed("it is no XML");
	}

	#endOfToken(start: number): number {
		const text = this.#text;
		if (text.startsWith("<!--", start)) return after(text, "-->", start + 4);
		if (text.startsWith("<![CDATA[", start)) return after(text, "]]>", start);
		if (text.startsWith("<?", start)) return after(text, "?>", start);
		if (text.startsWith("<!", start)) {
			// The start of a comment or of a CDATA section may still be on its way.
			if (
				text.length - start < 9 &&
				("<!--".startsWith(text.slice(start)) || "<![CDATA[".startsWith(text.slice(start)))
			)
				return -1;
			throw new Malformed("it declares a document type, which a feed has no use for");
		}
		let { quoted } = this.#tag;
		for (let index = Math.max(start + 1, this.#tag.readTo); index < text.length; index++) {
			const character = text[index] ?? "";
			if (quoted !== "") quoted = character === quoted ? "" : quoted;
			else if (character === '"' || character === "'") quoted = character;
			else if (character === ">") {
				this.#tag = { readTo: 0, quoted: "" };
				return index + 1;
			} else if (character === "<") throw new Malformed("it is not XML: a tag has no end");
		}
		this.#tag = { readTo: text.length, quoted };
		return -1;
	}

	#start(token: string, start: number, end: number, elements: XmlElement[]): void {
		const name = localName(token, 1);
		if (this.#open.length === 0 && (this.#ended || name !== this.#options.root))
			throw new Malformed(this.#ended ? "something follows its end" : `it is no XML document of ${this.#options.root}`);
		if (this.#wanted === null && name === this.#options.name && this.#open.length > 0) {
			this.#wanted = { start, depth: this.#open.length };
			this.#problem = null;
		}
		this.#open.push(name);
		if (this.#open.length > mostDepth) throw new Malformed(`it is nested deeper than ${mostDepth} levels`);
		if (token.endsWith("/>")) this.#pop(end, elements);
	}

	#close(token: string, end: number, elements: XmlElement[]): void {
		if (this.#open.at(-1) !== localName(token, 2)) throw new Malformed("it is not XML: its tags do not nest");
		this.#pop(end, elements);
	}

	#pop(end: number, elements: XmlElement[]): void {
		this.#open.pop();
		if (this.#open.length === 0) this.#ended = true;
		if (this.#wanted === null || this.#open.length > this.#wanted.depth) return;
		this.#checkSize(end);
		elements.push(
			this.#problem === null ? { text: this.#text.slice(this.#wanted.start, end) } : { problem: this.#problem },
		);
		this.#wanted = null;
	}

	#checkSize(end: number): void {
		const { mostCharacters } = this.#options;
		if (this.#wanted && end - this.#wanted.start > mostCharacters)
			this.#problem ??= `it is larger than ${mostCharacters} characters`;
	}

	/** Drops what is neither kept nor still to be looked at. */
	#forget(): void {
		this.#checkSize(this.#at);
		const from = this.#wanted === null || this.#problem !== null ? this.#at : this.#wanted.start;
		this.#text = this.#text.slice(from);
		this.#at -= from;
		this.#searched = Math.max(0, this.#searched - from);
		this.#tag.readTo = Math.max(0, this.#tag.readTo - from);
		if (this.#wanted) this.#wanted.start = 0;
	}
}

function after(text: string, mark: string, from: number): number {
	const at = text.indexOf(mark, from);
	return at < 0 ? -1 : at + mark.length;
}

/** The name of a tag without its prefix. */
function localName(token: string, from: number): string {
	let end = from;
	while (end < token.length && !/[\s/>]/.test(token[end] ?? "")) end++;
	const name = token.slice(from, end);
	return name.slice(name.indexOf(":") + 1);
}
