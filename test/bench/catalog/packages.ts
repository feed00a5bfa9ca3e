/** A pool of package versions, as many images share them, and the vulnerabilities that some of them have. */
import { createHash } from "node:crypto";
import type { Random } from "./random.ts";

export interface PoolPackage {
	readonly id: number;
	readonly type: string;
	readonly ecosystem: string;
	readonly name: string;
	readonly version: string;
	readonly purl: string;
	readonly matches: readonly Match[];
}

export interface Match {
	readonly vulnerabilityId: number;
	/** 0 critical to 5 unknown. */
	readonly severity: number;
	readonly fixedVersion: string | null;
}

export interface PoolVulnerability {
	readonly id: number;
	readonly key: string;
	readonly alias: string;
	readonly severity: number;
}

export interface Pool {
	/** Those of operating systems first. */
	readonly packages: readonly PoolPackage[];
	/** How many of them are an operating system's. */
	readonly system: number;
	readonly vulnerabilities: readonly PoolVulnerability[];
}

interface Kind {
	readonly type: string;
	readonly ecosystem: string;
	readonly prefix: string;
}

const systems: readonly Kind[] = [
	{ type: "deb", ecosystem: "Debian:12", prefix: "pkg:deb/debian/" },
	{ type: "apk", ecosystem: "Alpine:v3.20", prefix: "pkg:apk/alpine/" },
	{ type: "rpm", ecosystem: "Red Hat:enterprise_linux:9", prefix: "pkg:rpm/redhat/" },
];
const languages: readonly Kind[] = [
	{ type: "npm", ecosystem: "npm", prefix: "pkg:npm/" },
	{ type: "pypi", ecosystem: "PyPI", prefix: "pkg:pypi/" },
	{ type: "golang", ecosystem: "Go", prefix: "pkg:golang/example.com/" },
	{ type: "maven", ecosystem: "Maven", prefix: "pkg:maven/org.example/" },
];

/** Of ten vulnerabilities: their severities. */
const usualSeverities = [0, 1, 1, 2, 2, 2, 2, 3, 3, 4] as const;
/** Versions of one name in the pool, about. */
const versionsPerName = 3;

export interface PoolSize {
	readonly packages: number;
	readonly affected: number;
	readonly vulnerabilities: number;
}

export function makePool(random: Random, size: PoolSize, firstPackage: number, firstVulnerability: number): Pool {
	const vulnerabilities = Array.from({ length: size.vulnerabilities }, (_, index) => ({
		id: firstVulnerability + index,
		key: `CVE-2026-${String(10_000 + firstVulnerability + index)}`,
		alias: `GHSA-${random.hex(4)}-${random.hex(4)}-${random.hex(4)}`,
		severity: usualSeverities[random.integer(usualSeverities.length)] ?? 2,
	}));
	const system = Math.floor(size.packages / 3);
	const every = size.packages / size.affected;
	const packages = Array.from({ length: size.packages }, (_, index) => {
		const isAffected = Math.floor((index + 1) / every) > Math.floor(index / every);
		const matches = isAffected ? matchesOf(random, vulnerabilities) : [];
		return { id: firstPackage + index, ...named(random, index, index < system ? systems : languages), matches };
	});
	return { packages, system, vulnerabilities };
}

function named(random: Random, index: number, kinds: readonly Kind[]): Omit<PoolPackage, "id" | "matches"> {
	const number = Math.floor(index / versionsPerName);
	const { type, ecosystem, prefix } = kinds[number % kinds.length] ?? {
		type: "npm",
		ecosystem: "npm",
		prefix: "pkg:npm/",
	};
	const name = `lib${createHash("sha256").update(String(number)).digest("hex").slice(0, 4)}-${number}`;
	const version = `${(index % versionsPerName) + 1}.${random.integer(20)}.${random.integer(20)}`;
	return { type, ecosystem, name, version, purl: `${prefix}${name}@${version}` };
}

function matchesOf(random: Random, vulnerabilities: readonly PoolVulnerability[]): readonly Match[] {
	const matches = new Map<number, Match>();
	for (let count = 1 + random.rank(6); count > 0; count--) {
		const vulnerability = vulnerabilities[random.integer(vulnerabilities.length)];
		if (!vulnerability) break;
		const fixedVersion = random.chance(0.7) ? "9.9.9" : null;
		matches.set(vulnerability.id, {
			vulnerabilityId: vulnerability.id,
			severity: vulnerability.severity,
			fixedVersion,
		});
	}
	return [...matches.values()];
}
