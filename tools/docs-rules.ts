/** The rules that documents are held to. Pure: they see texts and answer with complaints, one line each. */

/** What the rules need to know of a checkout. Paths are relative to its root, with forward slashes. */
export interface Checkout {
	/** Path -> text of every Markdown file. */
	readonly documents: ReadonlyMap<string, string>;
	/** Every file and folder; folders without a trailing slash. */
	readonly paths: ReadonlySet<string>;
	/** package.json#scripts by name. */
	readonly scripts: ReadonlySet<string>;
}

export function docsComplaints(checkout: Checkout): readonly string[] {
	return [
		...presenceComplaints(checkout),
		...[...checkout.documents].flatMap(([path, text]) => [
			...linkComplaints(checkout, path, text),
			...commandComplaints(checkout, path, text),
		]),
		...changelogComplaints(checkout),
		...adrComplaints(checkout),
		...codeMapComplaints(checkout),
	];
}

/** The command that runs the tests; CI runs exactly what the README says. */
export const testCommand = "npm test";

function presenceComplaints({ documents }: Checkout): readonly string[] {
	const required = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "THREAT_MODEL.md"];
	const missing = required.filter((path) => !documents.has(path)).map((path) => `${path}: is missing.`);
	const readme = documents.get("README.md");
	if (readme === undefined || codeOf(readme).some((line) => line.trim() === testCommand)) return missing;
	return [...missing, `README.md: a code block must show the test command, \`${testCommand}\`, on a line of its own.`];
}

/** Links and images to files of the checkout, and to headings in them. */
function linkComplaints(checkout: Checkout, path: string, text: string): readonly string[] {
	const complaints: string[] = [];
	for (const [, target = ""] of proseOf(text).matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g)) {
		if (/^[a-z][a-z0-9+.-]*:/i.test(target)) continue;
		const [file = "", heading] = decodeURIComponent(target).split("#");
		const resolved = file === "" ? path : join(path, file);
		if (!checkout.paths.has(resolved)) complaints.push(`${path}: link to ${target}: there is no ${resolved}.`);
		const linked = checkout.documents.get(resolved);
		if (heading !== undefined && linked !== undefined && !anchorsOf(linked).has(heading)) {
			complaints.push(`${path}: link to ${target}: no heading has that anchor.`);
		}
	}
	return complaints;
}

/** `npm run x`, `npm test`, `npm start` and `node path` in code must exist. */
function commandComplaints({ scripts, paths }: Checkout, path: string, text: string): readonly string[] {
	// A decision or a changelog entry tells of its day, not of today.
	if (path === "CHANGELOG.md" || path.startsWith("docs/adr/")) return [];
	const code = [...codeOf(text), ...[...proseOf(text).matchAll(/`([^`\n]+)`/g)].map(([, inline = ""]) => inline)].join(
		"\n",
	);
	const unknownScripts = [...code.matchAll(/\bnpm (?:run (?:--silent |-s )?([\w:-]+)|(test|start)\b)/g)]
		.map(([, named, builtIn]) => named ?? builtIn ?? "")
		.filter((script) => !scripts.has(script))
		.map((script) => `${path}: there is no script "${script}" in package.json.`);
	const unknownFiles = [...code.matchAll(/\bnode ([\w./-]+\.[jt]s)\b/g)]
		.map(([, file = ""]) => file)
		.filter((file) => !paths.has(file))
		.map((file) => `${path}: \`node ${file}\`: there is no such file.`);
	return [...unknownScripts, ...unknownFiles];
}

function changelogComplaints({ documents }: Checkout): readonly string[] {
	const changelog = documents.get("CHANGELOG.md");
	if (changelog === undefined || /^## \[Unreleased\]/m.test(changelog)) return [];
	return ["CHANGELOG.md: has no `## [Unreleased]` section."];
}

/** docs/adr/NNNN-title.md, numbered from 0001 without a gap; the first line repeats the number. */
function adrComplaints({ documents }: Checkout): readonly string[] {
	const complaints: string[] = [];
	const records = [...documents].filter(([path]) => path.startsWith("docs/adr/")).sort(([a], [b]) => (a < b ? -1 : 1));
	for (const [index, [path, text]] of records.entries()) {
		const number = String(index + 1).padStart(4, "0");
		if (!path.startsWith(`docs/adr/${number}-`)) complaints.push(`${path}: the next number is ${number}.`);
		else if (!text.startsWith(`# ${number} `)) complaints.push(`${path}: the title must begin "# ${number} ".`);
		if (!/^Status: (?:accepted|superseded by \[?\d{4})/m.test(text)) {
			complaints.push(`${path}: needs a line "Status: accepted" or "Status: superseded by NNNN".`);
		}
	}
	return complaints;
}

/** The code map: bullets of ARCHITECTURE.md that begin with a folder of `src`, and every folder that must be there. */
function codeMapComplaints({ documents, paths }: Checkout): readonly string[] {
	const architecture = documents.get("ARCHITECTURE.md");
	if (architecture === undefined) return [];
	const named = new Set([...architecture.matchAll(/^- `(src\/[\w/-]+?)\/?`/gm)].map(([, folder = ""]) => folder));
	const present = [...paths].filter((path) => /^src\/(?:[^/.]+|engine\/[^/.]+)$/.test(path));
	return [
		...[...named]
			.filter((folder) => !paths.has(folder))
			.map((folder) => `ARCHITECTURE.md: names ${folder}, which is not there.`),
		...present.filter((folder) => !named.has(folder)).map((folder) => `ARCHITECTURE.md: the code map lacks ${folder}.`),
	];
}

/** Lines of fenced code blocks. */
function codeOf(text: string): readonly string[] {
	return splitFences(text).code;
}

/** The text without its fenced code blocks. */
function proseOf(text: string): string {
	return splitFences(text).prose.join("\n");
}

function splitFences(text: string): { code: readonly string[]; prose: readonly string[] } {
	const code: string[] = [];
	const prose: string[] = [];
	let fence: string | null = null;
	for (const line of text.split("\n")) {
		const mark = /^\s*(`{3,}|~{3,})/.exec(line)?.[1] ?? null;
		if (fence === null && mark !== null) fence = mark;
		else if (fence !== null && mark?.startsWith(fence)) fence = null;
		else (fence === null ? prose : code).push(line);
	}
	return { code, prose };
}

/** Anchors as code hosts make them: lower case, spaces to hyphens, punctuation dropped. */
function anchorsOf(text: string): ReadonlySet<string> {
	const headings = proseOf(text).matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm);
	return new Set(
		[...headings].map(([, heading = ""]) =>
			heading
				.toLowerCase()
				.replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
				.replaceAll(/\s/g, "-"),
		),
	);
}

/** Resolves a link of a document against its own place. */
function join(document: string, link: string): string {
	const parts = link.startsWith("/") ? [] : document.split("/").slice(0, -1);
	for (const part of link.split("/")) {
		if (part === "..") parts.pop();
		else if (part !== "." && part !== "") parts.push(part);
	}
	return parts.join("/");
}
