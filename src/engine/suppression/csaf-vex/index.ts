/**
 * The VEX profile of CSAF 2.0 and 2.1, and the product status of other CSAF advisories
 * (https://docs.oasis-open.org/csaf/csaf/v2.0/os/csaf-v2.0-os.html#45-profile-5-vex).
 */
import { type JsonObject, listIn, objectIn, objectsIn, textIn, textsIn } from "../json.ts";
import { mostScopes } from "../limits.ts";
import { malformedFile } from "../malformed.ts";
import { gatherProblems, type Problems } from "../problems.ts";
import { cleanText, timeOf } from "../text.ts";
import type { Scope, Statement, StatementStatus } from "../types.ts";
import { checkAmount, type VexFormat } from "../vex-format.ts";
import { knownJustification, reasonFrom, vulnerabilityNames } from "../vex-words.ts";
import { type Resolve, readProductTree } from "./product-tree.ts";

export const csafVex: VexFormat = {
	name: "CSAF",
	recognises: (document) => textIn(objectIn(document["document"])["csaf_version"]) !== undefined,
	read(document, file) {
		const head = objectIn(document["document"]);
		const version = textIn(head["csaf_version"]) ?? "";
		if (!version.startsWith("2.")) throw malformedFile(file, `it is CSAF ${cleanText(version, 20)}; 2.x is read.`);
		const problems = gatherProblems(file);
		const resolve = readProductTree(objectIn(document["product_tree"]), file, problems);
		const groups = groupsIn(objectIn(document["product_tree"]));
		const reading: Reading = { head, file, resolve, groups, problems, room: mostScopes };
		const statements = objectsIn(document["vulnerabilities"]).flatMap((entry, index) =>
			readVulnerability(entry, `vulnerability ${index + 1}`, reading),
		);
		checkAmount(statements, file);
		return { statements, problems: problems.sentences() };
	},
};

interface Reading {
	readonly head: JsonObject;
	readonly file: string;
	readonly resolve: Resolve;
	/** Product identifiers of each `product_groups` entry. */
	readonly groups: ReadonlyMap<string, readonly string[]>;
	readonly problems: Problems;
	/** Products that may still be named. */
	room: number;
}

function take(count: number, reading: Reading): void {
	reading.room -= count;
	if (reading.room < 0) throw malformedFile(reading.file, `it names more than ${mostScopes} products.`);
}

/** Those that suppress stand first: when a document contradicts itself, the later one wins. */
const statusFields: readonly (readonly [StatementStatus, readonly string[]])[] = [
	["fixed", ["fixed", "first_fixed"]],
	["not_affected", ["known_not_affected"]],
	["under_investigation", ["under_investigation"]],
	["affected", ["known_affected", "first_affected", "last_affected"]],
];

function readVulnerability(entry: JsonObject, place: string, reading: Reading): readonly Statement[] {
	const { head, file, problems } = reading;
	const vulnerabilities = vulnerabilityNames([
		textIn(entry["cve"]),
		...objectsIn(entry["ids"]).map((id) => identifierIn(textIn(id["text"]))),
	]);
	const status = objectIn(entry["product_status"]);
	if (vulnerabilities.length === 0) {
		if (Object.keys(status).length > 0) problems.add("nameless", place);
		return [];
	}
	const author = textIn(objectIn(head["publisher"])["name"]);
	const time = timeOf(textIn(objectIn(head["tracking"])["current_release_date"]));
	if (time === null) problems.add("time", place);
	return statusFields.flatMap(([word, fields]) => {
		const products = fields.flatMap((field) => textsIn(status[field]));
		return byReason(word, products, entry, reading).map(
			({ justification, reason, ids }): Statement => ({
				file,
				place,
				...(author === undefined ? {} : { author: cleanText(author, 200) }),
				kind: "vex",
				vulnerabilities,
				scopes: placesOf(ids, reading),
				status: word,
				reason,
				...(justification === undefined ? {} : { justification }),
				time,
			}),
		);
	});
}

function placesOf(ids: readonly string[], reading: Reading): readonly Scope[] {
	return ids.flatMap((id) => {
		const scopes = reading.resolve(id);
		take(scopes.length, reading);
		return scopes;
	});
}

/** A number alone is a bug tracker's. */
function identifierIn(text: string | undefined): string | undefined {
	return text !== undefined && /^[A-Za-z]+-/.test(text) ? text : undefined;
}

interface Reasoned {
	readonly justification: string | undefined;
	readonly reason: string;
	readonly ids: string[];
}

/** Products of one status, together as far as the same is said of them. */
function byReason(
	status: StatementStatus,
	products: readonly string[],
	entry: JsonObject,
	reading: Reading,
): readonly Reasoned[] {
	if (products.length === 0) return [];
	const labels = perProduct(entry["flags"], "label", reading);
	const impacts = perProduct(entry["threats"], "details", reading, (threat) => threat["category"] === "impact");
	const found = new Map<string, Reasoned>();
	for (const id of new Set(products)) {
		const says = status === "not_affected" ? (impacts.get(id) ?? impacts.get("")) : undefined;
		const label = status === "not_affected" ? (labels.get(id) ?? labels.get("")) : undefined;
		const justification = knownJustification(label) ?? knownJustification(says);
		const details = says === undefined || isBareWord(says) ? undefined : says;
		const reason = reasonFrom(status, justification, [details]);
		const key = `${justification ?? ""}\0${reason}`;
		const same = found.get(key);
		if (same) same.ids.push(id);
		else found.set(key, { justification, reason, ids: [id] });
	}
	return [...found.values()];
}

/** Some publishers give a severity or a label as the impact's details, which tells nobody why. */
function isBareWord(text: string): boolean {
	return /^\w+$/.test(text.trim());
}

/** A text for each product that an entry of a list names; that of entries without products is under the empty key. */
function perProduct(
	list: unknown,
	field: string,
	reading: Reading,
	counts: (entry: JsonObject) => boolean = () => true,
): ReadonlyMap<string, string> {
	const found = new Map<string, string>();
	for (const entry of objectsIn(list)) {
		const text = textIn(entry[field]);
		if (text === undefined || !counts(entry)) continue;
		const isGeneral = listIn(entry["product_ids"]).length + listIn(entry["group_ids"]).length === 0;
		for (const id of isGeneral ? [""] : textsIn(entry["product_ids"])) found.set(id, text);
		for (const group of new Set(textsIn(entry["group_ids"]))) {
			const ids = reading.groups.get(group) ?? [];
			take(ids.length, reading);
			for (const id of ids) found.set(id, text);
		}
	}
	return found;
}

function groupsIn(tree: JsonObject): Reading["groups"] {
	const groups = new Map<string, readonly string[]>();
	for (const group of objectsIn(tree["product_groups"])) {
		const id = textIn(group["group_id"]);
		if (id !== undefined) groups.set(id, textsIn(group["product_ids"]));
	}
	return groups;
}
