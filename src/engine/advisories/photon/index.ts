/**
 * Photon OS: one JSON file a release, `cve_data_photon5.0.json`, a list of
 * `{cve_id, pkg, cve_score, aff_ver, res_ver, status}`.
 * https://github.com/vmware/photon/wiki/Security-Advisories
 */
import { type Affected, compareText, severityFromScore } from "#model";
import { jsonOf, readRecord, wholeFeed } from "../feed-bytes.ts";
import { feedLimits } from "../feed-limits.ts";
import { cveAt } from "../feed-text.ts";
import type { FeedBytes, FeedItem } from "../feed-types.ts";
import { isAbsent, type JsonObject, Malformed, objectAt, stringAt } from "../json.ts";
import { jsonMembers } from "../json-members.ts";

export interface PhotonFile {
	/** `5.0`. */
	readonly release: string;
	readonly bytes: FeedBytes;
}

export interface PhotonOptions {
	/** RFC 3339. The files carry no dates, so this is when they were changed or fetched. */
	readonly modified: string;
}

/** What all files say of one CVE. */
interface Known {
	/** The highest score that is given; 0 when none is. */
	score: number;
	/** By release and package: the versions that fix it, or null where there is none. */
	readonly fixes: Map<string, Set<string | null>>;
}

/** An entry is some 150 bytes. */
const mostEntryBytes = 64 * 1024;

/**
 * Reads the files of all releases together, as a CVE occurs in several of them.
 * Throws `advisories_source_unusable` when one is not such a file, or not all of it.
 */
export async function* readPhoton(files: Iterable<PhotonFile>, { modified }: PhotonOptions): AsyncGenerator<FeedItem> {
	const known = new Map<string, Known>();
	for (const file of files) yield* wholeFeed(`Photon OS ${file.release}`, readFile(file, known));
	for (const id of [...known.keys()].sort(compareText)) {
		const one = known.get(id);
		if (one && one.fixes.size > 0) yield* itemsOf(id, one, modified);
	}
}

async function* readFile({ release, bytes }: PhotonFile, known: Map<string, Known>): AsyncGenerator<FeedItem> {
	for await (const member of jsonMembers(bytes, { mostBytes: mostEntryBytes })) {
		yield* readRecord(`Photon OS ${release}: [${member.key}]`, () => {
			if ("problem" in member) throw new Malformed(member.problem);
			addEntry(objectAt(jsonOf(member.bytes), "the entry"), release, known);
			return [];
		});
	}
}

function addEntry(entry: JsonObject, release: string, known: Map<string, Known>): void {
	const fixed = fixedOf(entry);
	if (fixed === "not affected") return;
	const id = cveAt(entry["cve_id"], "cve_id");
	const name = stringAt(entry["pkg"], "pkg", feedLimits.name);
	const score = entry["cve_score"];
	let one = known.get(id);
	if (!one) known.set(id, (one = { score: 0, fixes: new Map() }));
	if (typeof score === "number" && score <= 10) one.score = Math.max(one.score, score);
	const key = `Photon OS:${release}\0${name}`;
	const versions = one.fixes.get(key);
	if (versions) versions.add(fixed.version);
	else one.fixes.set(key, new Set([fixed.version]));
}

/** `res_ver` is `NA` where nothing is fixed: because nothing was wrong, which `status` tells, or because no fix is out. */
function fixedOf(entry: JsonObject): { readonly version: string | null } | "not affected" {
	const version = isAbsent(entry["res_ver"]) ? "NA" : stringAt(entry["res_ver"], "res_ver", feedLimits.version);
	const status = entry["status"];
	if (typeof status === "string" && /^not affected$/i.test(status)) return "not affected";
	if (version.toUpperCase() === "NA") return { version: null };
	if (/\s/.test(version) || !/\d/.test(version)) throw new Malformed("res_ver is no version");
	return { version };
}

function itemsOf(id: string, { score, fixes }: Known, modified: string): readonly FeedItem[] {
	const affected = [...fixes].map(([key, versions]) => affectedOf(key, [...versions]));
	affected.sort((a, b) => compareText(a.ecosystem, b.ecosystem) || compareText(a.name, b.name));
	const lists = { aliases: [], upstream: [], related: [], severity: [], references: [] };
	const advisory: FeedItem = { kind: "advisory", advisory: { id, modified, ...lists }, affected };
	if (score <= 0) return [advisory];
	const ratings = [{ source: "photon", severity: severityFromScore(score), vectors: [] }];
	return [advisory, { kind: "vulnerability", vulnerability: { id, cwes: [], references: [], ratings } }];
}

/** One range a fixed version, as a later one mends an incomplete first fix: the highest counts, whatever their order. */
function affectedOf(key: string, versions: readonly (string | null)[]): Affected {
	const [ecosystem = "", name = ""] = key.split("\0");
	const fixed = versions.filter((version) => version !== null).sort(compareText);
	const ends = fixed.length > 0 ? fixed.map((version) => [{ fixed: version }]) : [[]];
	const ranges = ends.map((end) => ({ type: "ECOSYSTEM" as const, events: [{ introduced: "0" }, ...end] }));
	return {
		ecosystem,
		name,
		ranges,
		versions: [],
		...(fixed.length > 0 ? {} : { state: "affected" as const }),
		ratedBy: "photon",
	};
}
