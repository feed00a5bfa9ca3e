import { addSummaries, distinctFindings, type Finding, type Report, type Severity, summarise } from "#model";

export const digestA = `sha256:${"a".repeat(64)}`;
export const digestB = `sha256:${"b".repeat(64)}`;
export const digestIndex = `sha256:${"f".repeat(64)}`;

export interface FoundShape {
	readonly id?: string;
	readonly aliases?: readonly string[];
	readonly purl?: string;
	readonly name?: string;
	readonly source?: { readonly name: string; readonly version: string };
	readonly severity?: Severity;
	readonly paths?: readonly string[];
}

/** A finding of CVE-2026-1000 in Debian's libssl3, but for what `shape` says. */
export function found(shape: FoundShape = {}): Finding {
	const purl = shape.purl ?? "pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64&distro=debian-12.5";
	const [, type = "deb", name = ""] = /^pkg:(\w+)\/(?:.*\/)?([^@?]+)/.exec(purl) ?? [];
	return {
		id: shape.id ?? "CVE-2026-1000",
		aliases: shape.aliases ?? [],
		severity: shape.severity ?? "high",
		severitySource: null,
		cvss: [],
		package: {
			name: shape.name ?? name,
			version: "1",
			type: type as Finding["package"]["type"],
			purl,
			...(shape.source ? { source: shape.source } : {}),
		},
		fixedVersion: "2",
		state: "fixed",
		origin: {
			layer: { index: 0, digest: "", createdBy: "" },
			kind: "unknown",
			paths: shape.paths ?? ["var/lib/dpkg/status"],
			parents: [],
		},
		references: [],
	};
}

/** A complete report on one image of Debian 12.5 in a registry. */
export function imageReport(findings: readonly Finding[], artifact: Partial<Report["artifact"]> = {}): Report {
	return {
		schemaVersion: "1",
		kind: "image",
		createdAt: "2026-11-23T18:00:00Z",
		artifact: {
			name: "registry.example/shop/web:1.2",
			digest: digestA,
			mediaType: "application/vnd.oci.image.manifest.v1+json",
			platform: "linux/amd64",
			os: { id: "debian", versionId: "12.5" },
			layers: [],
			base: null,
			...artifact,
		},
		scanner: { name: "plimsoll", version: "0.1.0" },
		advisories: null,
		status: "complete",
		warnings: [],
		summary: summarise(findings),
		findings,
		packageCount: 10,
		judgedCount: 10,
	};
}

export function indexReport(manifests: readonly Report[]): Report {
	return {
		...imageReport([], { digest: digestIndex, platform: "", os: null }),
		kind: "index",
		manifests,
		summary: addSummaries(manifests.map(({ summary }) => summary)),
		unionSummary: summarise(distinctFindings(manifests)),
	};
}

/** A day in the life of the tests. */
export const now = new Date("2026-11-24T12:00:00Z");

export function bytesOf(content: unknown): Uint8Array {
	return new TextEncoder().encode(typeof content === "string" ? content : JSON.stringify(content));
}
