/**
 * OpenVEX 0.2.0 (https://github.com/openvex/spec/blob/main/OPENVEX-SPEC.md), and 0.0.1, where vulnerabilities, products
 * and subcomponents are texts.
 */
import { isObject, type JsonObject, listIn, objectIn, textIn, textsIn } from "../json.ts";
import { mostScopes } from "../limits.ts";
import { malformedFile } from "../malformed.ts";
import { gatherProblems, type Problems } from "../problems.ts";
import { isIdentified, readProduct, scopesOf } from "../product.ts";
import { cleanText, timeOf } from "../text.ts";
import type { PackageMatch, Scope, Statement, StatementStatus } from "../types.ts";
import { checkAmount, type VexFormat } from "../vex-format.ts";
import { knownJustification, reasonFrom, vulnerabilityNames } from "../vex-words.ts";

export const openVex: VexFormat = {
	name: "OpenVEX",
	recognises: (document) => textIn(document["@context"])?.startsWith("https://openvex.dev/ns") ?? false,
	read(document, file) {
		if (!Array.isArray(document["statements"])) throw malformedFile(file, "it is OpenVEX, but has no statements.");
		const reading: Reading = { document, file, problems: gatherProblems(file), room: mostScopes };
		const statements = listIn(document["statements"]).flatMap(
			(entry, index) => readStatement(objectIn(entry), `statement ${index + 1}`, reading) ?? [],
		);
		checkAmount(statements, file);
		return { statements, problems: reading.problems.sentences() };
	},
};

interface Reading {
	readonly document: JsonObject;
	readonly file: string;
	readonly problems: Problems;
	/** Scopes that may still come. */
	room: number;
}

const statuses: readonly StatementStatus[] = ["not_affected", "fixed", "affected", "under_investigation"];

function readStatement(entry: JsonObject, place: string, reading: Reading): Statement | null {
	const { document, file, problems } = reading;
	const given = entry["vulnerability"];
	const vulnerability = typeof given === "string" ? { name: given } : objectIn(given);
	const vulnerabilities = vulnerabilityNames([
		textIn(vulnerability["name"]),
		...textsIn(vulnerability["aliases"]),
		identifierIn(textIn(vulnerability["@id"])),
	]);
	const status = statuses.find((known) => known === entry["status"]);
	if (vulnerabilities.length === 0) problems.add("nameless", place);
	else if (status === undefined) problems.add("status", `${place} (${String(entry["status"])})`);
	if (vulnerabilities.length === 0 || status === undefined) return null;
	const justification = knownJustification(textIn(entry["justification"]));
	const author = textIn(document["author"]);
	return {
		file,
		place,
		...(author === undefined ? {} : { author: cleanText(author, 200) }),
		kind: "vex",
		vulnerabilities,
		scopes: productScopes(entry, place, reading),
		status,
		reason: reasonFrom(status, justification, [textIn(entry["impact_statement"]), textIn(entry["status_notes"])]),
		...(justification === undefined ? {} : { justification }),
		time: madeAt(entry, document, place, problems),
	};
}

/** An `@id` that is not a web address is a name, too. */
function identifierIn(id: string | undefined): string | undefined {
	return id === undefined || id.includes("/") || id.includes(":") ? undefined : id;
}

/** The statement's own date, else the document's. */
function madeAt(entry: JsonObject, document: JsonObject, place: string, problems: Problems): number | null {
	const own = textIn(entry["timestamp"]);
	const time = timeOf(own ?? textIn(document["timestamp"]));
	if (time === null) problems.add("time", place);
	return time;
}

function productScopes(entry: JsonObject, place: string, reading: Reading): readonly Scope[] {
	const products = listIn(entry["products"]);
	if (products.length === 0) reading.problems.add("productless", place);
	// In 0.0.1 the subcomponents are the statement's, for all of its products.
	const shared = packagesOf(listIn(entry["subcomponents"]), place, reading.problems);
	return products.flatMap((product) => {
		const own = isObject(product) ? listIn(product["subcomponents"]) : [];
		const packages = own.length > 0 ? packagesOf(own, place, reading.problems) : shared;
		const scopes = scopesOfProduct(product, packages, place, reading.problems);
		reading.room -= scopes.length;
		if (reading.room < 0) throw malformedFile(reading.file, `its statements name more than ${mostScopes} products.`);
		return scopes;
	});
}

/** Null when there are no subcomponents: the statement is about the product as a whole. */
function packagesOf(
	subcomponents: readonly unknown[],
	place: string,
	problems: Problems,
): readonly PackageMatch[] | null {
	if (subcomponents.length === 0) return null;
	return subcomponents.flatMap((subcomponent) => {
		const { packages } = readProduct(namesOf(subcomponent));
		if (packages.length === 0) problems.add("unidentified", nameOf(subcomponent, place));
		return packages;
	});
}

function scopesOfProduct(
	product: unknown,
	subcomponents: readonly PackageMatch[] | null,
	place: string,
	problems: Problems,
): readonly Scope[] {
	const whole = readProduct(namesOf(product));
	if (!isIdentified(whole)) problems.add("unidentified", nameOf(product, place));
	else if (subcomponents === null) return scopesOf(whole);
	else if (whole.images.length === 0) problems.add("nested", place);
	else return subcomponents.map((pkg): Scope => ({ images: whole.images, os: null, package: pkg, paths: null }));
	return [];
}

/** All that names a component: its `@id`, its package URL, and its digests, which are an image's. */
function namesOf(component: unknown): readonly string[] {
	if (typeof component === "string") return [component];
	const { "@id": id, identifiers, hashes } = objectIn(component);
	const { purl } = objectIn(identifiers);
	const digests = (["sha-256", "sha-512"] as const).map((algorithm) => {
		const hex = textIn(objectIn(hashes)[algorithm]);
		return hex === undefined ? undefined : `${algorithm.replace("-", "")}:${hex}`;
	});
	return [textIn(id), textIn(purl), ...digests].filter((name) => name !== undefined);
}

function nameOf(component: unknown, place: string): string {
	return namesOf(component)[0] ?? `${place} (without a name)`;
}
