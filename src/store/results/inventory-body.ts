/**
 * `inventories.body`: what was read of an image but for what its package versions say themselves and what its row in
 * `artifacts` does (name, digest), so that images with the same content share one. JSON, zstd.
 */
import { createHash } from "node:crypto";
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { Identified, ImageContents, MatchSubject } from "#engine";
import type { InstalledPackage } from "#model";

/** Of one package, in the order of `package_ids`. */
export interface BodyPackage {
	readonly layer: number;
	readonly paths: readonly string[];
	readonly parents?: readonly string[];
	readonly ownedBy?: string;
	readonly requires?: readonly string[];
	readonly thirdParty?: string;
	/** Only where PostgreSQL could not hold the subject as it was. */
	readonly subject?: MatchSubject;
}

export interface InventoryBody {
	/** Raised when a reader could misread it. */
	readonly form: 1;
	readonly artifact: Pick<ImageContents["artifact"], "platform" | "layers" | "base">;
	readonly inventory: Omit<ImageContents["inventory"], "packages">;
	readonly warnings: ImageContents["warnings"];
	readonly packages: readonly BodyPackage[];
}

export interface PackedBody {
	/** Of the content and of the package versions that it goes with. */
	readonly digest: Buffer;
	readonly body: Buffer;
}

/** A hostile image ends at the engine's limits long before; this guards against a damaged row. */
const mostBytes = 1024 * 1024 * 1024;

const parameters = { [constants.ZSTD_c_compressionLevel]: 3 };

export function packBody(contents: ImageContents, identified: readonly Identified[]): PackedBody {
	const { artifact, inventory, warnings } = contents;
	const { platform, layers, base } = artifact;
	const { packages, ...rest } = inventory;
	const body: InventoryBody = {
		form: 1,
		artifact: { platform, layers, base },
		inventory: rest,
		warnings,
		packages: packages.map((pkg, index) => packageIn(pkg, identified[index])),
	};
	const bytes = Buffer.from(JSON.stringify(body));
	const hash = createHash("sha256").update(bytes);
	for (const { key } of identified) hash.update(key);
	return { digest: hash.digest(), body: zstdCompressSync(bytes, { params: parameters }) };
}

export function unpackBody(body: Buffer): InventoryBody {
	const read = JSON.parse(zstdDecompressSync(body, { maxOutputLength: mostBytes }).toString("utf8")) as InventoryBody;
	if (read.form !== 1) throw new Error(`An inventory of form ${String(read.form)} cannot be read.`);
	return read;
}

/** The contents again, from the body and the subjects of its package versions in their order. */
export function contentsFrom(
	{ artifact, inventory, warnings, packages }: InventoryBody,
	subjects: readonly MatchSubject[],
	named: Pick<ImageContents["artifact"], "name" | "digest" | "mediaType">,
): ImageContents {
	return {
		artifact: { ...named, ...artifact },
		inventory: { ...inventory, packages: packages.map((pkg, index) => installed(pkg, subjects[index])) },
		warnings,
		unreadable: false,
	};
}

function packageIn(pkg: InstalledPackage, identified: Identified | undefined): BodyPackage {
	const { layer, paths, parents, ownedBy, requires, thirdParty } = pkg;
	const subject = identified && !isStorable(identified.subject) ? identified.subject : undefined;
	return { layer, paths, ...given({ parents, ownedBy, requires, thirdParty, subject }) };
}

function installed(
	{ subject: original, paths, ...rest }: BodyPackage,
	kept: MatchSubject | undefined,
): InstalledPackage {
	const subject = original ?? kept;
	if (!subject) throw new Error("An inventory has more packages than package versions.");
	const { type, name, version, arch, source, modularity } = subject;
	return { type, name, version, ...given({ arch, source, modularity }), ...rest, path: paths[0] ?? "", paths };
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function given<T extends object>(fields: T): Given<T> {
	return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<T>;
}

function isStorable(subject: MatchSubject): boolean {
	const text = JSON.stringify(subject);
	// JSON writes what PostgreSQL refuses as escapes.
	return !/\\u(?:0000|d[89a-f])/i.test(text);
}
