/** Plimsoll's own ignore file, `.plimsollignore.yaml`; docs/suppression.md explains it to its writers. */
import { faultInGlob } from "../glob.ts";
import { type ImageMatch, readImageName } from "../image-match.ts";
import { mostNameLength, mostNames, mostPatternLength, mostPurlLength, mostReasonLength } from "../limits.ts";
import { malformedFile } from "../malformed.ts";
import { cleanText, isDay } from "../text.ts";
import type { PackageMatch, Scope, Statement, StatementStatus, Suppressions } from "../types.ts";
import { checkAmount } from "../vex-format.ts";
import { justificationLabels, knownJustification, vulnerabilityNames } from "../vex-words.ts";
import type { YamlMap, YamlNode } from "../yaml-nodes.ts";
import { type Fault, type Fields, fieldsOf, readPackage } from "./fields.ts";

export const topFields: readonly string[] = ["version", "ignore"];

export const entryFields: readonly string[] = [
	"id",
	"package",
	"paths",
	"image",
	"reason",
	"owner",
	"expires",
	"permanent",
	"status",
	"justification",
];

/** Days that a finding may be accepted before somebody looks at it again. */
export const mostDays = 366;

const statuses: readonly StatementStatus[] = ["accepted", "not_affected", "fixed"];

/**
 * Reads the file whole or not at all: who wrote it must know of every mistake before a scan counts on it.
 * @throws EngineError suppression_malformed, with the line of each mistake
 */
export function readIgnoreFile(root: YamlNode | null, file: string, now: Date): Suppressions {
	const faults: Fault[] = [];
	const statements = root === null ? [] : readRoot(root, file, now, faults);
	if (root === null) faults.push({ line: 1, problem: 'it is empty; it needs "version: 1" and a list "ignore"' });
	if (faults.length > 0) throw malformedFile(file, describe(faults));
	checkAmount(statements, file);
	return { statements, problems: [] };
}

/** The first mistakes, and how many more there are. */
function describe(faults: readonly Fault[]): string {
	const sorted = faults.toSorted((a, b) => a.line - b.line);
	const shown = sorted.slice(0, 3).map(({ line, problem }) => `line ${line}: ${problem}`);
	const more = sorted.length - shown.length;
	return `${shown.join("; ")}${more > 0 ? `; and ${more} more` : ""}.`;
}

function readRoot(root: YamlNode, file: string, now: Date, faults: Fault[]): readonly Statement[] {
	if (root.kind !== "map") {
		faults.push({ line: root.line, problem: 'it is not a map with "version: 1" and a list "ignore"' });
		return [];
	}
	const fields = fieldsOf(root, topFields, faults);
	if (fields.node("version") === undefined) fields.wrong("version", '"version: 1" is missing');
	else if (fields.text("version", 20) !== "1") fields.wrong("version", "version is not 1, the only one there is");
	const list = fields.node("ignore")?.value;
	if (list?.kind !== "list") {
		fields.wrong("ignore", '"ignore" is not a list');
		return [];
	}
	return list.items.flatMap((item) => {
		if (item.kind === "map") return readEntry(item, file, now, faults) ?? [];
		faults.push({ line: item.line, problem: "an entry of ignore is not a map of fields" });
		return [];
	});
}

function readEntry(map: YamlMap, file: string, now: Date, faults: Fault[]): Statement | null {
	const before = faults.length;
	const fields = fieldsOf(map, entryFields, faults);
	for (const name of ["id", "reason", "owner"]) {
		if (fields.node(name) === undefined) fields.wrong(name, `${name} is missing`);
	}
	const vulnerabilities = readIds(fields);
	const scopes = readScopes(fields);
	const reason = fields.text("reason", mostReasonLength);
	const owner = fields.text("owner", mostNameLength);
	const status = readStatus(fields);
	const justification = readJustification(fields, status);
	const expires = readExpiry(fields, status, now);
	if (faults.length > before || reason === undefined || owner === undefined) return null;
	return {
		file,
		place: `line ${map.line}`,
		kind: "ignore",
		vulnerabilities,
		scopes,
		status,
		reason: cleanText(reason, mostReasonLength),
		...(justification === undefined ? {} : { justification }),
		owner: cleanText(owner, mostNameLength),
		...(expires === undefined ? {} : { expires }),
		time: null,
	};
}

function readIds(fields: Fields): readonly string[] {
	const ids = fields.texts("id", mostNameLength);
	const names = vulnerabilityNames(ids);
	const odd = ids.find((id) => vulnerabilityNames([id]).length === 0 || /[*?]/.test(id));
	if (odd !== undefined) fields.wrong("id", `"${cleanText(odd, 60)}" is not an identifier such as CVE-2026-1234`);
	if (ids.length > mostNames) fields.wrong("id", `id has more than ${mostNames} identifiers`);
	return names;
}

/** Each package in the images that are named, where the paths hold. */
function readScopes(fields: Fields): readonly Scope[] {
	const packages = fields.texts("package", mostPurlLength).flatMap((text): PackageMatch[] => {
		const read = readPackage(text);
		if (typeof read !== "string") return [read];
		fields.wrong("package", `package "${cleanText(text, 60)}": ${read}`);
		return [];
	});
	const images = patternsIn(fields, "image").map(
		(text): ImageMatch => (text.includes("*") ? null : exactImage(text)) ?? { kind: "pattern", pattern: text },
	);
	const paths = patternsIn(fields, "paths");
	return (packages.length === 0 ? [null] : packages).map((pkg) => ({
		images: images.length === 0 ? null : images,
		os: null,
		package: pkg,
		paths: paths.length === 0 ? null : paths,
	}));
}

/** A digest, wherever the image lies. */
function exactImage(text: string): ImageMatch | null {
	const image = readImageName(text);
	return image?.kind === "digest" ? image : null;
}

function patternsIn(fields: Fields, name: "image" | "paths"): readonly string[] {
	const texts = fields.texts(name, mostPatternLength);
	for (const text of texts) {
		const fault = faultInGlob(text);
		if (fault !== null) fields.wrong(name, `${name} "${cleanText(text, 60)}": ${fault}`);
	}
	return texts;
}

function readStatus(fields: Fields): StatementStatus {
	if (fields.node("status") === undefined) return "accepted";
	const status = statuses.find((known) => known === fields.text("status", 40));
	if (status === undefined) fields.wrong("status", `status is none of ${statuses.join(", ")}`);
	return status ?? "accepted";
}

function readJustification(fields: Fields, status: StatementStatus): string | undefined {
	if (fields.node("justification") === undefined) return undefined;
	const justification = knownJustification(fields.text("justification", 80));
	if (justification === undefined)
		fields.wrong("justification", `justification is none of ${justificationLabels.join(", ")}`);
	else if (status !== "not_affected")
		fields.wrong("justification", "a justification belongs to status: not_affected only");
	return justification;
}

/** A risk is accepted for a while; only what is no risk may stay for good. */
function readExpiry(fields: Fields, status: StatementStatus, now: Date): string | undefined {
	const permanent = fields.node("permanent") === undefined ? undefined : fields.text("permanent", 10);
	const expires = fields.node("expires") === undefined ? undefined : fields.text("expires", 40);
	if (permanent !== undefined && permanent !== "true")
		fields.wrong("permanent", "permanent is either true or left out");
	if (permanent === "true") {
		if (expires !== undefined) fields.wrong("permanent", "expires and permanent contradict each other");
		if (status === "accepted")
			fields.wrong("permanent", "an accepted risk is looked at again: give expires, or say why it is none by status");
		return undefined;
	}
	if (fields.node("expires") === undefined) {
		fields.wrong("expires", "expires is missing (a date, or permanent: true with status: not_affected or fixed)");
	} else if (expires !== undefined && !isDay(expires)) {
		fields.wrong("expires", `expires is not a date of the form 2026-12-31`);
	} else if (expires !== undefined && status === "accepted" && expires > dayAfter(now, mostDays)) {
		fields.wrong("expires", `expires is more than ${mostDays} days ahead; an accepted risk is looked at once a year`);
	}
	return expires;
}

function dayAfter(now: Date, days: number): string {
	return new Date(now.getTime() + days * 86_400_000).toISOString().slice(0, 10);
}
