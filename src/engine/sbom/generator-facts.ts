import { pathsLimit } from "./limits.ts";
import type { Facts } from "./types.ts";

/**
 * Reads what generators write in words of their own: Trivy's properties and SPDX annotations (`SrcName`, `LayerDiffID`),
 * Syft's (`syft:metadata:source`, `syft:location:0:path`) and cdxgen's, which has Trivy's without their prefix.
 * https://trivy.dev/docs/latest/supply-chain/sbom/, https://github.com/anchore/syft/wiki
 */
export function addFact(facts: Facts, name: string, value: string): void {
	if (value === "" || value.length > valueLimit) return;
	const plain = name.startsWith(trivyPrefix) ? name.slice(trivyPrefix.length) : name;
	const field = Object.hasOwn(fields, plain) ? fields[plain] : undefined;
	if (field) facts[field] ??= value;
	else if (pathNames.has(plain) || locationPath.test(plain)) addPath(facts, value);
	// Syft names layers by their uncompressed digest.
	else if (locationLayer.test(plain)) facts.layerDiffId ??= value;
	else if (idLike.test(plain)) (facts.osIdLike ??= []).push(value);
}

/** The longest properties that matter here are paths. */
const valueLimit = 4_096;

const trivyPrefix = "aquasecurity:trivy:";

type TextField = {
	[Key in keyof Facts]-?: NonNullable<Facts[Key]> extends string ? Key : never;
}[keyof Facts];

const fields: Readonly<Record<string, TextField>> = {
	SrcName: "sourceName",
	SrcVersion: "sourceVersion",
	SrcRelease: "sourceRelease",
	SrcEpoch: "sourceEpoch",
	Modularitylabel: "modularity",
	LayerDigest: "layerDigest",
	LayerDiffID: "layerDiffId",
	"syft:metadata:source": "sourceName",
	"syft:metadata:originPackage": "sourceName",
	"syft:metadata:sourceVersion": "sourceVersion",
	"syft:metadata:sourceRpm": "sourceRpm",
	"syft:metadata:modularityLabel": "modularity",
	"syft:distro:id": "osId",
	"syft:distro:versionID": "osVersionId",
	"syft:distro:prettyName": "osName",
};

const pathNames: ReadonlySet<string> = new Set(["FilePath", "SrcFile"]);
const locationPath = /^syft:location:\d+:path$/;
const locationLayer = /^syft:location:\d+:layerID$/;
const idLike = /^syft:distro:idLike:\d+$/;

/** Keeps a file of a component, relative to the image's root. */
export function addPath(facts: Facts, path: string): void {
	const relative = path.replace(/^(?:\.?\/)+/, "");
	if (relative === "" || relative.length > valueLimit) return;
	facts.paths ??= [];
	if (facts.paths.length < pathsLimit && !facts.paths.includes(relative)) facts.paths.push(relative);
}

/** `name: value`, as Trivy writes facts into SPDX texts. */
export function addFactLine(facts: Facts, line: string): void {
	const colon = line.indexOf(": ");
	if (colon > 0) addFact(facts, line.slice(0, colon), line.slice(colon + 2));
}

/**
 * SPDX `sourceInfo`: Trivy's `built package from: util-linux 2.38.1-5`, and the bare path of a file that holds packages;
 * Syft's `acquired package info from DPKG DB: /var/lib/dpkg/status, /usr/share/doc/…`.
 */
export function addSourceInfo(facts: Facts, text: string): void {
	const [, name, version] = /^built package from: (\S+) (\S+)$/.exec(text) ?? [];
	if (name && version) {
		facts.sourceName ??= name;
		facts.sourceVersion ??= version;
		return;
	}
	if (/^[^\s:]+\/[^\s:]+$/.test(text)) addPath(facts, text);
	if (!text.startsWith("acquired package info from ")) return;
	const list = text.indexOf(": ");
	if (list < 0) return;
	for (const path of text.slice(list + 2, list + 2 + sourceInfoLimit).split(", ")) {
		if (path.startsWith("/")) addPath(facts, path);
	}
}

const sourceInfoLimit = 65_536;
