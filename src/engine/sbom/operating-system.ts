import { compareText, type OperatingSystem } from "#model";
import { isPlain } from "./naming.ts";
import type { Component } from "./types.ts";

/** Names that generators give to distributions, and the os-release `ID` of each. */
const ids: Readonly<Record<string, string>> = {
	alma: "almalinux",
	amazon: "amzn",
	"amazon linux": "amzn",
	amazonlinux: "amzn",
	"cbl-mariner": "mariner",
	"centos-stream": "centos",
	"centos linux": "centos",
	"centos stream": "centos",
	"opensuse.leap": "opensuse-leap",
	"opensuse.tumbleweed": "opensuse-tumbleweed",
	oracle: "ol",
	"oracle linux": "ol",
	oraclelinux: "ol",
	redhat: "rhel",
	"red hat enterprise linux": "rhel",
	"rocky linux": "rocky",
	slem: "sl-micro",
	"suse linux enterprise micro": "sl-micro",
	"suse.linux.enterprise.micro": "sl-micro",
	suse: "sles",
	"suse linux enterprise server": "sles",
	"suse.linux.enterprise.server": "sles",
};

/** os-release `ID` of a distribution as a generator calls it: `Debian GNU/Linux`, `alma`, `redhat`. */
export function distributionId(name: string): string {
	const lower = name
		.trim()
		.toLowerCase()
		.replace(/ gnu\/linux$/, "");
	return Object.hasOwn(ids, lower) ? (ids[lower] ?? lower) : lower;
}

/** What the part of a document that is an operating system says; null when it names none. */
export function statedOs({ name, version, facts }: Component): OperatingSystem | null {
	const id = distributionId(facts.osId ?? name);
	const versionId = facts.osVersionId ?? version;
	if (!/^[a-z0-9][a-z0-9._-]*$/.test(id) || !isPlain(versionId)) return null;
	const told = facts.osName ?? (/^centos[ -]stream$/i.test(name) ? "CentOS Stream" : "");
	const prettyName = isPlain(told) ? told : "";
	const idLike = (facts.osIdLike ?? []).filter(isPlain).map((one) => one.toLowerCase());
	return {
		id,
		versionId,
		...(prettyName ? { prettyName } : {}),
		...(idLike.length > 0 ? { idLike } : {}),
	};
}

/** Counts what purls of OS packages say of their distribution: `pkg:deb/debian/…?distro=debian-12`. */
export class DistributionVotes {
	readonly #votes = new Map<string, { os: OperatingSystem; count: number }>();

	add(namespace: string, distro: string): void {
		const os = impliedOs(namespace, distro);
		if (!os) return;
		const key = `${os.id}\0${os.versionId}`;
		const vote = this.#votes.get(key);
		if (vote) vote.count++;
		else this.#votes.set(key, { os, count: 1 });
	}

	/** The one that most packages name; null when none does. */
	winner(): OperatingSystem | null {
		const sorted = [...this.#votes.entries()].sort(
			([keyA, a], [keyB, b]) => b.count - a.count || compareText(keyA, keyB),
		);
		return sorted[0]?.[1].os ?? null;
	}
}

/** `distro` is `debian-12` after the specification's examples, and the version alone in Trivy's purls of Alpine. */
function impliedOs(namespace: string, distro: string): OperatingSystem | null {
	const [, name = "", version = ""] = /^(.*?)-?(\d[0-9A-Za-z._]*)?$/.exec(distro) ?? [];
	const release = distro === `${namespace}-edge` ? "edge" : version;
	const id = distributionId(release === "edge" || name === "" ? namespace : name);
	return /^[a-z0-9][a-z0-9._-]*$/.test(id) && isPlain(release) ? { id, versionId: release } : null;
}
