/** Images and indexes in registries, as plain rows. */
import type { Pool, PoolPackage } from "./packages.ts";
import type { Random } from "./random.ts";

export type Counts = readonly [number, number, number, number, number, number];

export interface Inventory {
	readonly packages: readonly PoolPackage[];
	readonly counts: Counts;
	readonly fixable: number;
}

export interface Place {
	readonly registry: number;
	readonly space: number;
	readonly repository: number;
}

export interface MadeArtifact {
	readonly kind: "image" | "index";
	readonly place: Place;
	readonly platform: string | null;
	readonly top: boolean;
	readonly state: "complete" | "failed" | "stopped" | "not_scanned" | "queued" | "scanning";
	readonly tags: readonly string[];
	readonly digest: string;
	readonly size: number | null;
	/** Minutes before the catalog was made. */
	readonly age: number;
	/** Of an image that has a result. */
	readonly inventory: Inventory | null;
	readonly children: readonly MadeArtifact[];
}

const bases = 40;

/** Makes inventories: a base image's packages, which many share, and an application's own. */
export function inventories(random: Random, pool: Pool, perImage: number): () => Inventory {
	const half = Math.floor(perImage / 2);
	const made = Array.from({ length: bases }, () => some(random, pool.packages.slice(0, pool.system), half, false));
	const own = pool.packages.slice(pool.system);
	return () => {
		const base = made[random.rank(bases)] ?? [];
		const packages = [...base, ...some(random, own, perImage - base.length, true)];
		const counts: [number, number, number, number, number, number] = [0, 0, 0, 0, 0, 0];
		let fixable = 0;
		for (const { matches } of packages) {
			for (const { severity, fixedVersion } of matches) {
				counts[severity as 0] += 1;
				if (fixedVersion !== null) fixable += 1;
			}
		}
		return { packages, counts, fixable };
	};
}

function some(random: Random, from: readonly PoolPackage[], count: number, skewed: boolean): readonly PoolPackage[] {
	const chosen = new Set<PoolPackage>();
	while (chosen.size < Math.min(count, from.length)) {
		const one = from[skewed ? random.rank(from.length) : random.integer(from.length)];
		if (one) chosen.add(one);
	}
	return [...chosen];
}

/** An image, or (one of ten) an index of two images. */
export function makeTop(random: Random, place: Place, number: number, inventory: () => Inventory): MadeArtifact {
	const tags = tagsOf(random, number);
	if (!random.chance(0.1)) return makeImage(random, place, { top: true, platform: "linux/amd64", tags }, inventory);
	const children = ["linux/amd64", "linux/arm64"].map((platform) =>
		makeImage(random, place, { top: false, platform, tags: [] }, inventory, "complete"),
	);
	return {
		kind: "index",
		place,
		platform: null,
		top: true,
		state: "complete",
		tags,
		digest: `sha256:${random.hex(64)}`,
		size: null,
		age: random.integer(500_000),
		inventory: null,
		children,
	};
}

function makeImage(
	random: Random,
	place: Place,
	{ top, platform, tags }: Pick<MadeArtifact, "top" | "platform" | "tags">,
	inventory: () => Inventory,
	state: MadeArtifact["state"] = stateOf(random),
): MadeArtifact {
	return {
		kind: "image",
		place,
		platform,
		top,
		state,
		tags,
		digest: `sha256:${random.hex(64)}`,
		size: 5_000_000 + random.integer(500_000_000),
		age: random.integer(500_000),
		// The last good result stays while a newer scan is queued, runs or fails.
		inventory: state === "not_scanned" ? null : inventory(),
		children: [],
	};
}

function stateOf(random: Random): MadeArtifact["state"] {
	const draw = random.integer(1000);
	if (draw < 880) return "complete";
	if (draw < 930) return "failed";
	if (draw < 940) return "stopped";
	if (draw < 979) return "not_scanned";
	return draw < 999 ? "queued" : "scanning";
}

/** 1.4 of them each; `latest` and low versions are in many repositories, a build's number in one. */
function tagsOf(random: Random, number: number): readonly string[] {
	const tags = [`v${random.rank(30)}.${random.integer(20)}.${number % 97}-${number}`];
	if (random.chance(0.4)) tags.push(`build-${random.hex(7)}-${number}`);
	return tags;
}
