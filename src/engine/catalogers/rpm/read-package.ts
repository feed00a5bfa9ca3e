import type { Package } from "#model";
import { filesLimit, type RpmHeader, tags } from "./header.ts";
import { fullVersion, isPlain, sourceOf } from "./source-rpm.ts";
import { thirdPartyOf } from "./vendors.ts";

export interface RpmPackage {
	readonly pkg: Package;
	/** Whether the header names a vendor, whoever it is. */
	readonly hasVendor: boolean;
	/** In words, where the header has something that cannot be read. */
	readonly fault?: string;
}

/** Keys that rpm trusts are kept as packages of this name. */
const keyName = "gpg-pubkey";

/** The package of a header: null for one that is none, or in words why it cannot be told. */
export function readPackage(header: RpmHeader, path: string): RpmPackage | string | null {
	const name = header.text(tags.name);
	if (name === keyName) return null;
	const version = header.text(tags.version);
	const release = header.text(tags.release);
	if (!name || !isPlain(name)) return "has no name that can be one";
	if (!version || !isPlain(version)) return `has no version that can be one, for ${name}`;
	if (!release || !isPlain(release)) return `has no release that can be one, for ${name}`;
	const epoch = header.number(tags.epoch, 0) ?? 0;
	const arch = header.text(tags.arch);
	const vendor = header.text(tags.vendor);
	const source = sourceOf(header.text(tags.sourceRpm) ?? "", epoch);
	const modularity = header.text(tags.modularityLabel);
	const fault = unreadableTag(header);
	// What a broken header does not tell must not take a package away from its advisories.
	const thirdParty = fault === undefined || vendor ? thirdPartyOf(vendor, release) : undefined;
	const pkg: Package = {
		type: "rpm",
		name,
		version: fullVersion(epoch, version, release),
		...(arch && isPlain(arch) ? { arch } : {}),
		...(source ? { source } : {}),
		...(modularity && isPlain(modularity) && modularity !== "(none)" ? { modularity } : {}),
		...(thirdParty ? { thirdParty } : {}),
		path,
	};
	const hasVendor = vendor !== null && vendor !== "";
	return { pkg, hasVendor, ...(fault ? { fault: `${fault}, for ${name}` } : {}) };
}

function unreadableTag(header: RpmHeader): string | undefined {
	if (!header.whole) return "ends too early";
	const broken = (["arch", "vendor", "sourceRpm", "modularityLabel"] as const).find(
		(tag) => header.has(tags[tag]) && header.text(tags[tag]) === null,
	);
	if (broken !== undefined) return `has tag ${tags[broken]} and nothing that can be read there`;
	return header.has(tags.epoch) && header.number(tags.epoch, 0) === null
		? "has an epoch that cannot be read"
		: undefined;
}

/** Linux's PATH_MAX: no longer path can be in a layer. */
const pathLimit = 4096;

/** What a path costs beside its characters. */
const pathCost = 64;

/** Bytes for all file lists of a database. A desktop system's 500,000 paths take 62 MB. */
export const ownedBudget = 96 * 1024 * 1024;

export interface FileList {
	/** Relative to the image's root, no leading slash. */
	readonly paths: readonly string[];
	/** Of the budget. */
	readonly cost: number;
	/** In words, where the list cannot be read. */
	readonly fault?: string;
}

const tooMany = "has more file names than are kept";

/** Why a file is in the list and not on disk: another package's took its place, it was left out at installation, …. */
const installed = 0;

/**
 * The files that a header says were installed, as far as `budget` goes. rpm 4 keeps names and folders apart, older ones
 * whole paths. A list that cannot be read costs only knowledge of who owns a file: findings may be more, never fewer.
 */
export function readFiles(header: RpmHeader, budget: number): FileList {
	const paths: string[] = [];
	if (budget <= 0) return { paths, cost: 0, fault: tooMany };
	const list = header.has(tags.baseNames) ? splitNames(header) : wholeNames(header);
	if (typeof list === "string") return { paths, cost: 0, fault: list };
	let cost = 0;
	for (let file = 0; file < list.names.length; file++) {
		if ((header.byte(tags.fileStates, file) ?? installed) !== installed) continue;
		const path = list.folderOf(file) + list.names[file];
		cost += path.length + pathCost;
		if (cost > budget) return { paths: [], cost, fault: tooMany };
		if (path.length <= pathLimit) paths.push(path.startsWith("/") ? path.slice(1) : path);
	}
	return { paths, cost };
}

interface Names {
	readonly names: readonly string[];
	folderOf(file: number): string;
}

function splitNames(header: RpmHeader): Names | string {
	const names = header.texts(tags.baseNames);
	const folders = header.texts(tags.dirNames);
	if (names === null || folders === null) return unreadable(header, tags.baseNames);
	const lastFolder = header.number(tags.dirIndexes, names.length - 1);
	if (lastFolder === null) return "has file names whose folders are not told";
	const roots = folders.map((folder) => (folder.startsWith("/") ? folder.slice(1) : folder));
	return { names, folderOf: (file) => roots[header.number(tags.dirIndexes, file) ?? -1] ?? "" };
}

function wholeNames(header: RpmHeader): Names | string {
	if (!header.has(tags.oldFilenames)) return { names: [], folderOf: () => "" };
	const names = header.texts(tags.oldFilenames);
	return names === null ? unreadable(header, tags.oldFilenames) : { names, folderOf: () => "" };
}

function unreadable(header: RpmHeader, tag: number): string {
	return header.count(tag) > filesLimit ? `has over ${filesLimit} file names` : "has file names that cannot be read";
}
