/**
 * NVD's configurations as ranges of the products that are asked for. A range starts where `versionStartIncluding` says;
 * OSV has no event for `versionStartExcluding`, so that such a range takes in the one version that it starts behind.
 * https://nvd.nist.gov/developers/vulnerabilities (schema cve_api_json_2.0)
 */
import type { Affected, AffectedRange, RangeEvent } from "#model";
import { feedLimits } from "../feed-limits.ts";
import { isAbsent, type JsonObject, listAt, objectAt, stringAt } from "../json.ts";
import { type Cpe, cpeAt, isForeign } from "./cpe.ts";

/** OSV has none for NVD: names are those of the asked products. */
const ecosystem = "NVD";

/** Configurations of a record, nodes of one, matches of a node; the largest known have some 10,000 matches. */
const mostEntries = 50_000;

interface Found {
	readonly ranges: Map<string, AffectedRange>;
	readonly versions: Set<string>;
}

/** What a record says of the products in `products`, by CPE vendor and product. Throws `Malformed`. */
export function affectedOf(value: unknown, products: ReadonlyMap<string, string>): readonly Affected[] {
	const found = new Map<string, Found>();
	for (const [index, entry] of listAt(value, "configurations", mostEntries).entries()) {
		const path = `configurations[${index}]`;
		const configuration = objectAt(entry, path);
		const nodes = listAt(configuration["nodes"], `${path}.nodes`, mostEntries).map((node, at) =>
			matchesOf(node, `${path}.nodes[${at}]`),
		);
		if (configuration["operator"] === "AND" && nodes.some(isForeignPlatform)) continue;
		for (const match of nodes.flat()) addMatch(match, products, found);
	}
	return [...found]
		.map(([name, { ranges, versions }]) => ({ ecosystem, name, ranges: [...ranges.values()], versions: [...versions] }))
		.filter(({ ranges, versions }) => ranges.length > 0 || versions.length > 0);
}

interface Match {
	readonly cpe: Cpe;
	readonly fields: JsonObject;
	readonly path: string;
}

function matchesOf(value: unknown, path: string): readonly Match[] {
	const node = objectAt(value, path);
	if (node["negate"] === true) return [];
	return listAt(node["cpeMatch"], `${path}.cpeMatch`, mostEntries).map((entry, index) => {
		const at = `${path}.cpeMatch[${index}]`;
		const fields = objectAt(entry, at);
		return { fields, path: at, cpe: cpeAt(fields["criteria"], `${at}.criteria`) };
	});
}

/** Whether a node is the platform that the products must run on, and no container image is it. */
function isForeignPlatform(matches: readonly Match[]): boolean {
	return matches.length > 0 && matches.every(({ cpe, fields }) => fields["vulnerable"] === false && isForeign(cpe));
}

function addMatch(
	{ cpe, fields, path }: Match,
	products: ReadonlyMap<string, string>,
	found: Map<string, Found>,
): void {
	const name = products.get(cpe.product);
	if (name === undefined || fields["vulnerable"] !== true || isForeign(cpe)) return;
	let product = found.get(name);
	if (!product) found.set(name, (product = { ranges: new Map(), versions: new Set() }));
	// "Not applicable" is no version that an installed product can have (NISTIR 7696, table 6-2).
	if (cpe.version === "-") return;
	if (cpe.version === "*") {
		const range = rangeOf(fields, path);
		product.ranges.set(JSON.stringify(range), range);
	} else product.versions.add(versionOf(cpe));
}

function rangeOf(fields: JsonObject, path: string): AffectedRange {
	const bound = (field: string): string | undefined =>
		isAbsent(fields[field]) ? undefined : stringAt(fields[field], `${path}.${field}`, feedLimits.version);
	const events: RangeEvent[] = [
		{ introduced: bound("versionStartIncluding") ?? bound("versionStartExcluding") ?? "0" },
	];
	const fixed = bound("versionEndExcluding");
	const last = bound("versionEndIncluding");
	if (fixed !== undefined) events.push({ fixed });
	else if (last !== undefined) events.push({ lastAffected: last });
	return { type: "ECOSYSTEM", events };
}

/** `3.13.0-alpha1`; Java's `1.8.0`, `update_202` is `8.0.202`, as packages of type `generic` have it. */
function versionOf({ version, update }: Cpe): string {
	if (update === "*" || update === "-" || update === "") return version;
	const patch = /^update_?(\d+)$/.exec(update)?.[1];
	return patch === undefined ? `${version}-${update}` : `${version.replace(/^1\.(?=\d+\.0$)/, "")}.${patch}`;
}
