/** One stanza of a dpkg database: its fields, and the number of its first line, from 1. */
export interface Stanza {
	readonly line: number;
	readonly fields: ReadonlyMap<string, string>;
	/** Number of the first line that is neither a field nor a continuation. */
	readonly brokenLine?: number;
}

/** What is kept of one field: the longest that anything is read from, a list of maintainers, is far shorter. */
const longestField = 16 * 1024;

/**
 * Splits deb822 text (deb822(5)) into stanzas. Only the fields in `wanted` are kept, in lower case, and of those the
 * first of a name. A line that begins with a blank continues the field above it, also when nothing else is in it:
 * that is how dpkg reads its own database. Of a very long field only the beginning is kept.
 */
export function* readStanzas(text: string, wanted: ReadonlySet<string>): Generator<Stanza> {
	let fields = new Map<string, string>();
	let field = "";
	let first = 0;
	let brokenLine: number | undefined;
	let number = 0;
	for (let start = 0; start < text.length; ) {
		const newline = text.indexOf("\n", start);
		const end = newline < 0 ? text.length : newline;
		const line = text.slice(start, end > start && text[end - 1] === "\r" ? end - 1 : end);
		start = end + 1;
		number++;
		if (line === "") {
			if (first > 0) yield stanza(first, fields, brokenLine);
			fields = new Map();
			first = 0;
			field = "";
			brokenLine = undefined;
			continue;
		}
		if (first === 0) first = number;
		if (line.startsWith(" ") || line.startsWith("\t")) {
			const known = fields.get(field);
			if (known !== undefined && known.length < longestField) fields.set(field, `${known}\n${line.trim()}`);
			continue;
		}
		const colon = line.indexOf(":");
		if (colon <= 0) {
			brokenLine ??= number;
			field = "";
			continue;
		}
		const name = line.slice(0, colon).toLowerCase();
		field = wanted.has(name) && !fields.has(name) ? name : "";
		if (field !== "") fields.set(field, line.slice(colon + 1).trim());
	}
	if (first > 0) yield stanza(first, fields, brokenLine);
}

function stanza(line: number, fields: ReadonlyMap<string, string>, brokenLine: number | undefined): Stanza {
	return brokenLine === undefined ? { line, fields } : { line, fields, brokenLine };
}
