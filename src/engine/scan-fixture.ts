/** Images in real layouts on disk, and a handful of advisories, for the tests of the joints. */
import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Descriptor, Digest, Platform } from "#model";
import type { ImageSource } from "./image/types.ts";
import type { AdvisoryMatch, AdvisoryStore, LayerCache, ScanDeps, ScanEvent, ScanOptions } from "./ports.ts";
import { openTarget, type ScanTarget } from "./targets.ts";
import { type BuiltImage, file, sha256Of, type TarInput, writeFiles } from "./testing/index.ts";

export const now = new Date("2026-11-01T00:00:00Z");
const indexType = "application/vnd.oci.image.index.v1+json";

/** A folder that is removed after the test. */
export async function tempDir(): Promise<string> {
	const dir = await mkdtemp(join(tmpdir(), "plimsoll-engine-"));
	onTestFinished(() => rm(dir, { recursive: true, force: true }));
	return dir;
}

export function json(value: unknown): Buffer {
	return Buffer.from(JSON.stringify(value));
}

/** An installed npm package: `srv/node_modules/NAME/package.json`, or in another folder. */
export function npmPackage(text: string, folder = "srv"): TarInput {
	const [name = "", version = ""] = text.split("@");
	return file(`${folder}/node_modules/${name}/package.json`, JSON.stringify({ name, version }));
}

export const osRelease = file("etc/os-release", 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian 12"\n');

/** A dpkg status file; a package is `name@version`, more fields follow its name's line. */
export function dpkgStatus(...packages: readonly (string | readonly [string, string])[]): TarInput {
	const stanzas = packages.map((one) => {
		const [text, more] = typeof one === "string" ? [one, ""] : one;
		const [name, version] = text.split("@");
		return `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${version}\n${more}`;
	});
	return file("var/lib/dpkg/status", stanzas.join("\n"));
}

export interface IndexChild {
	readonly image?: BuiltImage;
	/** In place of the image's platform; null writes none. */
	readonly platform?: Platform | null;
	/** In place of the image's manifest. */
	readonly descriptor?: Descriptor;
	readonly annotations?: Readonly<Record<string, string>>;
}

export interface Content {
	readonly root: Descriptor;
	readonly blobs: ReadonlyMap<Digest, Buffer>;
}

export function indexOf(children: readonly IndexChild[]): Content {
	const manifests = children.map(({ image, platform = image?.platform, descriptor, annotations }) => ({
		...(descriptor ?? image?.manifest),
		...(platform ? { platform } : {}),
		...(annotations ? { annotations } : {}),
	}));
	const bytes = json({ schemaVersion: 2, mediaType: indexType, manifests });
	const root = { mediaType: indexType, digest: sha256Of(bytes), size: bytes.length };
	return {
		root,
		blobs: new Map([...children.flatMap(({ image }) => [...(image?.blobs ?? [])]), [root.digest, bytes]]),
	};
}

export function contentOf({ manifest, blobs }: BuiltImage): Content {
	return { root: manifest, blobs };
}

/** The same image with other words in its manifest; layers by place. */
export function withManifest(image: BuiltImage, layers: readonly Partial<Descriptor>[]): BuiltImage {
	const old = JSON.parse(String(image.blobs.get(image.manifest.digest)));
	const bytes = json({ ...old, layers: image.layers.map(({ descriptor }, at) => ({ ...descriptor, ...layers[at] })) });
	const manifest = { ...image.manifest, digest: sha256Of(bytes), size: bytes.length };
	return { ...image, manifest, blobs: new Map([...image.blobs, [manifest.digest, bytes]]) };
}

/** Writes an OCI layout that leads to `root`, without the blobs named in `missing`. */
export async function writeLayout({ root, blobs }: Content, missing: readonly Digest[] = []): Promise<string> {
	const dir = await tempDir();
	const kept = [...blobs].filter(([digest]) => !missing.includes(digest));
	await writeFiles(
		dir,
		new Map([
			["oci-layout", json({ imageLayoutVersion: "1.0.0" })],
			["index.json", json({ schemaVersion: 2, manifests: [root] })],
			...kept.map(([digest, bytes]): [string, Buffer] => [`blobs/${digest.replace(":", "/")}`, bytes]),
		]),
	);
	return dir;
}

/** Opens a layout; `streamed` lists the blobs that were streamed, in order, each time. */
export async function openLayout(
	content: Content,
	missing: readonly Digest[] = [],
): Promise<{ target: ScanTarget; source: ImageSource; streamed: Digest[] }> {
	const registry = () => {
		throw new Error("no registry is needed");
	};
	const opened = await openTarget(`oci-layout:${await writeLayout(content, missing)}`, {
		registry,
		signal: new AbortController().signal,
	});
	if (opened.kind !== "image") throw new Error("not an image");
	onTestFinished(() => opened.close());
	const streamed: Digest[] = [];
	const source: ImageSource = {
		...opened.source,
		blobs: (descriptors, visit, options) =>
			opened.source.blobs(
				descriptors,
				(descriptor, body) => {
					streamed.push(descriptor.digest);
					return visit(descriptor, body);
				},
				options,
			),
	};
	return { target: { ...opened, source }, source, streamed };
}

/** `Debian:12 curl <7.2` or, without a fix, `npm a`: one advisory each, in this order. */
export function advisories(...texts: readonly string[]): AdvisoryStore {
	const records = texts.map((text, at): AdvisoryMatch => {
		const [ecosystem = "", name = "", fixed] = text.split(/ <?/);
		const id = `CVE-2026-${1000 + at}`;
		const lists = { aliases: [], upstream: [], related: [], references: [] };
		return {
			feed: "osv",
			advisory: { id, ...lists, modified: "2026-10-01T00:00:00Z", severity: [], severityWord: "HIGH" },
			affected: {
				ecosystem,
				name,
				ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }, ...(fixed ? [{ fixed }] : [])] }],
				versions: [],
			},
		};
	});
	const ecosystems = [...new Set(["Debian:12", "npm", "Go", ...records.map(({ affected }) => affected.ecosystem)])];
	return {
		snapshot: {
			digest: `sha256:${"a".repeat(64)}`,
			builtAt: "2026-10-31T00:00:00Z",
			sources: ecosystems.map((ecosystem) => ({ ecosystem, records: 1, newest: "2026-10-30T00:00:00Z" })),
		},
		kind: "full",
		lookup: (ecosystem, name) =>
			records.filter(({ affected }) => affected.ecosystem === ecosystem && affected.name === name),
		vulnerability: () => null,
		products: () => [],
		severities: () => [],
		close: () => undefined,
	};
}

/** A cache in memory. */
export function memoryCache(): LayerCache & { readonly entries: Map<string, string> } {
	const entries = new Map<string, string>();
	return {
		entries,
		get: async (key) => entries.get(key) ?? null,
		put: async (key, value) => void entries.set(key, value),
	};
}

export const all: ScanOptions = { platform: "all", osOwned: "drop", listPackages: true };

export function scanDeps(store: AdvisoryStore, more: Partial<ScanDeps> = {}): ScanDeps & { events: ScanEvent[] } {
	const events: ScanEvent[] = [];
	return {
		advisories: store,
		cache: null,
		clock: () => now,
		signal: new AbortController().signal,
		onEvent: (event) => events.push(event),
		version: "0.0.0",
		events,
		...more,
	};
}

/** Bytes that gzip cannot make smaller, the same each time. */
export function noise(length: number): Buffer {
	const blocks = Array.from({ length: Math.ceil(length / 64) }, (_, at) =>
		createHash("sha512").update(`${at}`).digest(),
	);
	return Buffer.concat(blocks).subarray(0, length);
}
