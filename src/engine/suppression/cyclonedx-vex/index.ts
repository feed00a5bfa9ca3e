/** Vulnerabilities with an analysis in CycloneDX 1.4 and later, JSON (https://cyclonedx.org/capabilities/vex/). */
import { isObject, type JsonObject, listIn, objectIn, objectsIn, textIn } from "../json.ts";
import { gatherProblems, type Problems } from "../problems.ts";
import { atVersion, isIdentified, type Product, scopesOf } from "../product.ts";
import { cleanText, timeOf } from "../text.ts";
import type { PackageMatch, Scope, Statement, StatementStatus } from "../types.ts";
import { checkAmount, type VexFormat } from "../vex-format.ts";
import { reasonFrom, vulnerabilityNames } from "../vex-words.ts";
import { type Components, readComponents } from "./components.ts";

export const cycloneDxVex: VexFormat = {
	name: "CycloneDX",
	recognises: (document) => document["bomFormat"] === "CycloneDX",
	read(document, file) {
		const problems = gatherProblems(file);
		const components = readComponents(document);
		const statements = objectsIn(document["vulnerabilities"]).flatMap(
			(entry, index) =>
				readVulnerability(entry, { document, file, place: `vulnerability ${index + 1}`, components, problems }) ?? [],
		);
		checkAmount(statements, file);
		return { statements, problems: problems.sentences() };
	},
};

interface Reading {
	readonly document: JsonObject;
	readonly file: string;
	readonly place: string;
	readonly components: Components;
	readonly problems: Problems;
}

const states: ReadonlyMap<string, StatementStatus> = new Map([
	["resolved", "fixed"],
	["resolved_with_pedigree", "fixed"],
	["not_affected", "not_affected"],
	["false_positive", "not_affected"],
	["exploitable", "affected"],
	["in_triage", "under_investigation"],
]);

/** CycloneDX's words that say the same as one of OpenVEX's; `requires_…` say something else. */
const justifications: ReadonlyMap<string, string> = new Map([
	["code_not_present", "vulnerable_code_not_present"],
	["code_not_reachable", "vulnerable_code_not_in_execute_path"],
	["protected_by_compiler", "inline_mitigations_already_exist"],
	["protected_at_runtime", "inline_mitigations_already_exist"],
	["protected_at_perimeter", "inline_mitigations_already_exist"],
	["protected_by_mitigating_control", "inline_mitigations_already_exist"],
]);

/** Null for a vulnerability without analysis: it is only listed. */
function readVulnerability(entry: JsonObject, reading: Reading): Statement | null {
	const { document, file, place, problems } = reading;
	const analysis = objectIn(entry["analysis"]);
	const state = textIn(analysis["state"]);
	if (state === undefined) return null;
	const status = states.get(state);
	const vulnerabilities = vulnerabilityNames([
		textIn(entry["id"]),
		...objectsIn(entry["references"]).map((reference) => textIn(reference["id"])),
	]);
	if (vulnerabilities.length === 0) problems.add("nameless", place);
	else if (status === undefined) problems.add("status", `${place} (${state})`);
	if (vulnerabilities.length === 0 || status === undefined) return null;
	const word = textIn(analysis["justification"]);
	const justification = word === undefined ? undefined : justifications.get(word);
	const author = authorOf(objectIn(document["metadata"]));
	return {
		file,
		place,
		...(author === undefined ? {} : { author: cleanText(author, 200) }),
		kind: "vex",
		vulnerabilities,
		scopes: affected(entry, status, reading),
		status,
		reason: reasonFrom(status, justification, [
			textIn(analysis["detail"]),
			justification === undefined ? word?.replaceAll("_", " ") : undefined,
		]),
		...(justification === undefined ? {} : { justification }),
		time: madeAt(entry, analysis, document),
	};
}

function authorOf(metadata: JsonObject): string | undefined {
	const [author] = objectsIn(metadata["authors"]);
	const named = [author, metadata["supplier"], metadata["manufacturer"], metadata["manufacture"]];
	return named.map((who) => textIn(objectIn(who)["name"])).find((name) => name !== undefined);
}

function madeAt(entry: JsonObject, analysis: JsonObject, document: JsonObject): number | null {
	const dates = [
		analysis["lastUpdated"],
		analysis["firstIssued"],
		entry["updated"],
		objectIn(document["metadata"])["timestamp"],
	];
	return dates.map((date) => timeOf(textIn(date))).find((time) => time !== null) ?? null;
}

function affected(
	entry: JsonObject,
	status: StatementStatus,
	{ place, components, problems }: Reading,
): readonly Scope[] {
	const affects = objectsIn(entry["affects"]);
	if (affects.length === 0) problems.add("productless", place);
	return affects.flatMap((target) => {
		const ref = textIn(target["ref"]);
		if (ref === undefined) return [];
		const { product, name } = components.find(ref);
		if (!isIdentified(product)) {
			problems.add("unidentified", name);
			return [];
		}
		const { at, hasRange } = inVersions(product, target["versions"], status);
		if (hasRange) problems.add("range", name);
		// A document about one image says nothing of others.
		return scopesOf(at).map((scope) =>
			scope.images === null && components.image !== null ? { ...scope, images: components.image } : scope,
		);
	});
}

/** The product at the versions that are listed, all when none is. Ranges are not read. */
function inVersions(
	product: Product,
	given: unknown,
	status: StatementStatus,
): { readonly at: Product; readonly hasRange: boolean } {
	// Some documents give one version without a list.
	const listed = isObject(given) ? [given] : listIn(given).filter(isObject);
	if (listed.length === 0) return { at: product, hasRange: false };
	const wanted = listed.filter((entry) => agrees(entry["status"], status));
	const versions = wanted.map((entry) => textIn(entry["version"])).filter((version) => version !== undefined);
	const packages = product.packages.flatMap((pkg) =>
		versions.flatMap((version): PackageMatch[] => {
			const purl = pkg.kind === "purl" ? atVersion(pkg.purl, version) : null;
			return purl === null ? [] : [{ kind: "purl", purl }];
		}),
	);
	return { at: { images: [], packages }, hasRange: versions.length < wanted.length || product.packages.length === 0 };
}

/** A version may have a status of its own; `affected`, which is also what is meant when none is given, only lists it. */
function agrees(own: unknown, status: StatementStatus): boolean {
	if (own === "unknown") return status === "under_investigation";
	return own !== "unaffected" || status === "not_affected" || status === "fixed";
}
