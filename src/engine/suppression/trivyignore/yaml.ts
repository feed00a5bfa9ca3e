import { faultInGlob } from "../glob.ts";
import { isImagePurl } from "../image-match.ts";
import { mostReasonLength } from "../limits.ts";
import { malformedFile } from "../malformed.ts";
import { gatherProblems } from "../problems.ts";
import { readPurl } from "../purl.ts";
import { cleanText, isDay } from "../text.ts";
import type { Scope, Statement, Suppressions } from "../types.ts";
import { checkAmount } from "../vex-format.ts";
import { noReason, vulnerabilityNames } from "../vex-words.ts";
import type { YamlEntry, YamlNode } from "../yaml-nodes.ts";

/** The sections of `.trivyignore.yaml`; only vulnerabilities are Plimsoll's business. */
export const trivySections: readonly string[] = ["vulnerabilities", "misconfigurations", "secrets", "licenses"];

/**
 * `.trivyignore.yaml`. An entry that is not of the known form is named and not applied: Trivy passes over what it does
 * not know, and a misspelt `paths` makes the entry wider than was meant.
 * @throws EngineError suppression_malformed: it is no map of lists
 */
export function readTrivyIgnoreYaml(root: YamlNode, file: string): Suppressions {
	if (root.kind !== "map") throw malformedFile(file, "it is not a map of sections.");
	const problems = gatherProblems(file);
	for (const { key, line } of root.entries)
		if (!trivySections.includes(key)) problems.add("entry", `line ${line} (${cleanText(key, 80)})`);
	const section = root.entries.find(({ key }) => key === "vulnerabilities");
	const statements = itemsOf(section, file).flatMap((item) => {
		const read = readEntry(item, file);
		if (typeof read !== "string") return read;
		problems.add("entry", `line ${item.line} (${read})`);
		return [];
	});
	checkAmount(statements, file);
	return { statements, problems: problems.sentences() };
}

function itemsOf(section: YamlEntry | undefined, file: string): readonly YamlNode[] {
	if (section === undefined || isNothing(section.value)) return [];
	if (section.value.kind === "list") return section.value.items;
	throw malformedFile(file, `line ${section.line}: vulnerabilities is not a list.`);
}

/** Why it is not understood, or the statement. */
function readEntry(item: YamlNode, file: string): Statement | string {
	if (item.kind !== "map") return "it is not a map";
	const fields = new Map(item.entries.map(({ key, value }) => [key, value]));
	const unknown = item.entries.find(({ key }) => !knownFields.includes(key));
	if (unknown) return `unknown field ${cleanText(unknown.key, 40)}`;
	const vulnerabilities = vulnerabilityNames([textOf(fields.get("id")) ?? undefined]);
	if (vulnerabilities.length === 0) return "no id";
	const paths = textsOf(fields.get("paths"));
	const purls = textsOf(fields.get("purls"))?.map((text) => readPurl(text));
	if (paths === null) return "paths is not a list of texts";
	if (purls === undefined || purls.some((purl) => purl === null || isImagePurl(purl)))
		return "purls is not a list of package URLs";
	const fault = paths.map(faultInGlob).find((found) => found !== null);
	if (fault) return `in a path, ${fault}`;
	const expires = dayIn(fields.get("expired_at"));
	if (expires === null) return "expired_at is not a date";
	const packages = purls.flatMap((purl) => (purl === null ? [] : [{ kind: "purl", purl } as const]));
	const places = packages.length === 0 ? [null] : packages;
	return {
		file,
		place: `line ${item.line}`,
		kind: "ignore",
		vulnerabilities,
		scopes: places.map(
			(pkg): Scope => ({ images: null, os: null, package: pkg, paths: paths.length > 0 ? paths : null }),
		),
		status: "accepted",
		reason: cleanText(textOf(fields.get("statement")) ?? "", mostReasonLength) || noReason,
		...(expires === undefined ? {} : { expires }),
		time: null,
	};
}

const knownFields: readonly string[] = ["id", "paths", "purls", "expired_at", "statement"];

function isNothing(node: YamlNode): boolean {
	return node.kind === "scalar" && node.text === null;
}

function textOf(node: YamlNode | undefined): string | null {
	return node?.kind === "scalar" ? node.text : null;
}

/** Null when it is no list of texts. */
function textsOf(node: YamlNode | undefined): readonly string[] | null {
	if (node === undefined || isNothing(node)) return [];
	if (node.kind !== "list") return null;
	const texts = node.items.map(textOf);
	return texts.every((text) => text !== null) ? texts : null;
}

/** A YAML date, with or without a time of day: what counts is the day. Null when it is none. */
function dayIn(node: YamlNode | undefined): string | null | undefined {
	if (node === undefined || isNothing(node)) return undefined;
	const [, year = "", month = "", day = ""] = /^(\d{4})-(\d\d?)-(\d\d?)(?:[Tt\s].*)?$/.exec(textOf(node) ?? "") ?? [];
	const text = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
	return isDay(text) ? text : null;
}
