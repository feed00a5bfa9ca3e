/**
 * Red Hat's VEX files, one a CVE: CSAF 2.0 documents, in both forms that are published, the older one under `vex/` and
 * the one under `vex-feed/`.
 * https://redhatproductsecurity.github.io/security-data-guidelines/csaf-vex/
 */
import type { Advisory, Rating, SeverityVector, Vulnerability } from "#model";
import { jsonOf, readRecord } from "../feed-bytes.ts";
import { feedLimits } from "../feed-limits.ts";
import { cveAt, lineAs, looseDateAt, printable, webAddresses } from "../feed-text.ts";
import type { FeedItem } from "../feed-types.ts";
import { isAbsent, isObject, type JsonObject, listAt, Malformed, objectAt } from "../json.ts";
import { entriesOf } from "./entries.ts";
import { productTreeOf } from "./product-tree.ts";
import { impactOf, statementsOf } from "./statuses.ts";

export { readRepositoryToCpe } from "./repositories.ts";

/** Bytes of a file; the kernel's largest have some 30 MB in the older form. */
const mostBytes = 64 * 1024 * 1024;

/**
 * What one file gives: the advisory, what Red Hat knows of the CVE, and what could not be read. Never throws: `name`,
 * the file's, is then that of a malformed record. A file that was deleted (CSAF status) gives nothing.
 */
export function readRedHatVex(bytes: Uint8Array, name: string): readonly FeedItem[] {
	return readRecord(name, () => {
		if (bytes.length > mostBytes) throw new Malformed(`it is larger than ${mostBytes} bytes`);
		const file = objectAt(jsonOf(bytes), "the file");
		const document = objectAt(file["document"], "document");
		const tracking = objectAt(document["tracking"], "document.tracking");
		if (tracking["status"] === "deleted") return [];
		const id = cveAt(tracking["id"], "document.tracking.id");
		const [vulnerability] = listAt(file["vulnerabilities"], "vulnerabilities", 1);
		if (vulnerability === undefined) return [];
		return itemsOf({
			id,
			name,
			document,
			tracking,
			file,
			vulnerability: objectAt(vulnerability, "vulnerabilities[0]"),
		});
	});
}

interface VexFile {
	readonly id: string;
	readonly name: string;
	readonly file: JsonObject;
	readonly document: JsonObject;
	readonly tracking: JsonObject;
	readonly vulnerability: JsonObject;
}

function itemsOf({ id, name, file, document, tracking, vulnerability }: VexFile): readonly FeedItem[] {
	const faults: { first?: string; count: number } = { count: 0 };
	const tree = productTreeOf(file["product_tree"]);
	const statements = statementsOf(vulnerability, tree, (problem) => {
		faults.first ??= problem;
		faults.count += 1;
	});
	const aggregate = document["aggregate_severity"];
	const impact = impactOf(isObject(aggregate) ? aggregate["text"] : undefined);
	const modified = looseDateAt(tracking["current_release_date"], "current_release_date");
	const first = tracking["initial_release_date"];
	const published = isAbsent(first) ? {} : { published: looseDateAt(first, "initial_release_date") };
	const title = lineAs("title", document["title"], feedLimits.title).title;
	const known: Vulnerability = {
		id,
		...(title === undefined ? {} : { title }),
		...lineAs("description", descriptionOf(vulnerability), feedLimits.description),
		...published,
		modified,
		cwes: cwesOf(vulnerability["cwe"]),
		references: [],
		ratings: ratingsOf(impact, vulnerability["scores"]),
	};
	const items: FeedItem[] = [{ kind: "vulnerability", vulnerability: known }];
	if (faults.first !== undefined) {
		const more = faults.count === 1 ? "" : `, and ${faults.count - 1} more`;
		items.push({ kind: "malformed", name: printable(name), problem: faults.first + more });
	}
	const affected = entriesOf(statements, impact);
	if (affected.length === 0) return items;
	const advisory: Advisory = {
		id,
		aliases: [],
		upstream: [],
		related: [],
		...(title === undefined ? {} : { summary: title }),
		modified,
		...published,
		severity: [],
		...(impact === null ? {} : { severityWord: impact }),
		references: [`https://access.redhat.com/security/cve/${id}`, ...referencesOf(vulnerability["references"])],
	};
	return [{ kind: "advisory", advisory, affected }, ...items];
}

function descriptionOf(vulnerability: JsonObject): unknown {
	const notes = vulnerability["notes"];
	return Array.isArray(notes)
		? notes.filter(isObject).find((note) => note["category"] === "description")?.["text"]
		: undefined;
}

function cwesOf(value: unknown): readonly string[] {
	const id = isObject(value) ? value["id"] : undefined;
	return typeof id === "string" && /^CWE-\d{1,6}$/.test(id) ? [id] : [];
}

/** Other sites' pages; Red Hat's own one comes first anyway. */
function referencesOf(value: unknown): readonly string[] {
	const entries = Array.isArray(value) ? value.filter(isObject) : [];
	const external = entries.filter((entry) => entry["category"] === "external").map((entry) => entry["url"]);
	return webAddresses(external, feedLimits.references - 1);
}

const vectorFields = [
	["cvss_v4", "CVSS_V4"],
	["cvss_v3", "CVSS_V3"],
	["cvss_v2", "CVSS_V2"],
] as const satisfies readonly (readonly [string, SeverityVector["type"]])[];

/** Vectors that differ between products are few. */
const mostVectors = 16;

function ratingsOf(impact: string | null, scores: unknown): readonly Rating[] {
	const vectors = new Map<string, SeverityVector>();
	for (const score of Array.isArray(scores) ? scores.filter(isObject) : []) {
		for (const [field, type] of vectorFields) {
			const cvss = score[field];
			const vector = isObject(cvss) ? cvss["vectorString"] : undefined;
			if (typeof vector !== "string" || vector.length > 512 || !/^[\x21-\x7e]+$/.test(vector)) continue;
			if (vectors.size < mostVectors) vectors.set(vector, { type, vector });
		}
	}
	const severity = impact === null ? {} : { severity: severities[impact as keyof typeof severities] };
	return vectors.size === 0 && impact === null
		? []
		: [{ source: "redhat", ...severity, vectors: [...vectors.values()] }];
}

const severities = { critical: "critical", important: "high", moderate: "medium", low: "low" } as const;
