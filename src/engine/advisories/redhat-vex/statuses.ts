/**
 * What a VEX file says of each package of each product: fixed in a version, or affected and what is planned.
 * https://redhatproductsecurity.github.io/security-data-guidelines/csaf-vex/
 */
import type { FindingState } from "#model";
import { isAbsent, isObject, type JsonObject, listAt, Malformed, objectAt } from "../json.ts";
import { isDebugPackage } from "../rpm-names.ts";
import type { ProductPackage, ProductTree } from "./product-tree.ts";

export interface Statement extends ProductPackage {
	/** For a version that is fixed: the erratum. */
	readonly erratum: string | null;
	/** Where nothing is fixed. */
	readonly state: FindingState | null;
	/** Red Hat's impact, lower case; null when the file does not tell. */
	readonly impact: string | null;
}

/** Ids in one list. */
const mostIds = 2_000_000;

/**
 * The statements of one vulnerability. `onFault` hears what is wrong with single ones. What is not affected gives none.
 * Throws `Malformed`.
 */
export function statementsOf(
	vulnerability: JsonObject,
	tree: ProductTree,
	onFault: (problem: string) => void,
): readonly Statement[] {
	const status = isAbsent(vulnerability["product_status"])
		? {}
		: objectAt(vulnerability["product_status"], "product_status");
	const errata = new Map<string, string>();
	const plans = new Map<string, FindingState>();
	readRemediations(vulnerability["remediations"], errata, plans);
	const impacts = impactsOf(vulnerability["threats"]);
	const statements: Statement[] = [];
	const add = (
		list: string,
		of: (id: string, found: ProductPackage) => Pick<Statement, "erratum" | "state"> | null,
	) => {
		for (const id of listAt(status[list], `product_status.${list}`, mostIds)) {
			try {
				if (typeof id !== "string") throw new Malformed(`product_status.${list} has an entry that is no text`);
				const found = tree.resolve(id);
				if (!found || isDebugPackage(found.component.name)) continue;
				const statement = of(id, found);
				if (statement) statements.push({ ...found, ...statement, impact: impacts.get(id) ?? null });
			} catch (error) {
				if (!(error instanceof Malformed)) throw error;
				onFault(error.message);
			}
		}
	};
	add("fixed", (id, { component }) => {
		if (component.evr !== null) return { erratum: errata.get(id) ?? null, state: null };
		if (component.bare) return null;
		throw new Malformed(`${component.name} is fixed in no version`);
	});
	add("known_affected", (id) => ({ erratum: null, state: plans.get(id) ?? "affected" }));
	add("under_investigation", () => ({ erratum: null, state: "under_investigation" }));
	return statements;
}

function readRemediations(value: unknown, errata: Map<string, string>, plans: Map<string, FindingState>): void {
	for (const entry of listAt(value, "remediations", mostIds).filter(isObject)) {
		const erratum = entry["category"] === "vendor_fix" ? erratumOf(entry["url"]) : null;
		const plan = planOf(entry);
		if (erratum === null && plan === null) continue;
		for (const id of listAt(entry["product_ids"], "remediations.product_ids", mostIds)) {
			if (typeof id !== "string") continue;
			if (erratum !== null) errata.set(id, erratum);
			if (plan !== null) plans.set(id, plan);
		}
	}
}

function erratumOf(url: unknown): string | null {
	return typeof url === "string" ? (/\/(RH[SBE]A-\d{4}:\d{1,8})$/.exec(url)?.[1] ?? null) : null;
}

/** The details are few fixed words: "Will not fix", "Out of support scope", "Affected", "Deferred", "Fix deferred". */
function planOf({
	category,
	details,
}: {
	readonly category?: unknown;
	readonly details?: unknown;
}): FindingState | null {
	if (category !== "no_fix_planned" && category !== "none_available") return null;
	const words = typeof details === "string" ? details.toLowerCase() : "";
	if (words.includes("out of support")) return "end_of_life";
	if (words.includes("defer")) return "deferred";
	return category === "no_fix_planned" ? "wont_fix" : "affected";
}

function impactsOf(value: unknown): ReadonlyMap<string, string> {
	const impacts = new Map<string, string>();
	for (const threat of listAt(value, "threats", mostIds).filter(isObject)) {
		const word = threat["category"] === "impact" ? impactOf(threat["details"]) : null;
		if (word === null) continue;
		for (const id of listAt(threat["product_ids"], "threats.product_ids", mostIds))
			if (typeof id === "string") impacts.set(id, word);
	}
	return impacts;
}

/** Red Hat's four words, lower case; null for `None` and others. https://access.redhat.com/security/updates/classification */
export function impactOf(value: unknown): string | null {
	const word = typeof value === "string" ? value.toLowerCase() : "";
	return ["critical", "important", "moderate", "low"].includes(word) ? word : null;
}
