/** What is read of a metadata file. Values are trimmed, continuation lines joined by a blank. */
export interface MetadataHeaders {
	readonly name?: string;
	readonly version?: string;
	readonly requiresDist: readonly string[];
}

/** More requirements than the largest collections of optional parts have. */
const requirementsLimit = 5_000;

/**
 * Reads the headers of Python's core metadata, which are those of a mail: `Field: value`, case does not count, a line that
 * begins with a blank goes on with the one above, the first empty line ends them (what follows is the description).
 * Of a field that stands twice the first counts. Lines of no known form are passed over: old tools wrote descriptions
 * without indenting them.
 * https://packaging.python.org/en/latest/specifications/core-metadata/
 */
export function readHeaders(text: string): MetadataHeaders {
	const requiresDist: string[] = [];
	const single = new Map<string, string>();
	for (const [field, value] of fieldsOf(text)) {
		if (field === "requires-dist" && requiresDist.length < requirementsLimit) requiresDist.push(value);
		if ((field === "name" || field === "version") && !single.has(field)) single.set(field, value);
	}
	const name = single.get("name");
	const version = single.get("version");
	return { ...(name ? { name } : {}), ...(version ? { version } : {}), requiresDist };
}

function* fieldsOf(text: string): Generator<readonly [field: string, value: string]> {
	let field = "";
	let lines: string[] = [];
	for (const line of headerLines(text)) {
		if (line.startsWith(" ") || line.startsWith("\t")) {
			lines.push(line.trim());
			continue;
		}
		if (field !== "") yield [field, lines.join(" ").trim()];
		const colon = line.indexOf(":");
		field = colon <= 0 ? "" : line.slice(0, colon).toLowerCase();
		lines = [line.slice(colon + 1).trim()];
	}
	if (field !== "") yield [field, lines.join(" ").trim()];
}

/** The lines of the first block, without their ends. */
function* headerLines(text: string): Generator<string> {
	let seen = false;
	for (let start = 0; start < text.length; ) {
		const newline = text.indexOf("\n", start);
		const end = newline < 0 ? text.length : newline;
		const line = text.slice(start, text.charCodeAt(end - 1) === 0x0d ? Math.max(start, end - 1) : end);
		start = end + 1;
		if (line === "") {
			if (seen) return;
			continue;
		}
		seen = true;
		yield line;
	}
}
