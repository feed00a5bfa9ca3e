/** Reads the images of one job and tells of each what it holds. Runs in the child. */
import {
	type ChildContents,
	EngineError,
	type ImageContents,
	type ImageOutcome,
	type ImageSource,
	type LayerCache,
	readSource,
	type ScannerEvent,
	type ScannerFailure,
	type ScannerJob,
} from "#engine";
import { type Digest, shortDigest } from "#model";

/** Part of what `src/server`'s connector can do. */
export interface ImageConnector {
	source(repository: string, digest: Digest): ImageSource;
}

export interface ReadJobDeps {
	readonly connect: (access: unknown) => ImageConnector;
	readonly cache: LayerCache | null;
	readonly signal: AbortSignal;
	readonly onEvent: (event: ScannerEvent) => void;
	readonly onImage: (outcome: ImageOutcome) => Promise<void>;
}

/** @throws EngineError when nothing of the root can be read */
export async function readJob(job: ScannerJob, deps: ReadJobDeps): Promise<void> {
	const connector = deps.connect(job.access);
	const wanted = new Set(job.images);
	const source = only(layerSizes(connector.source(job.repository, job.root)), wanted);
	try {
		const read = await readSource(source.source, "all", engineDeps(deps, source.sizes));
		if (read.kind === "image") return await tell(job.root, read.contents, deps);
		for (const warning of read.index.warnings) log(deps, "warning", warning.message);
		for (const child of read.index.children) await tellChild(job, child, connector, deps);
		const told = new Set(read.index.children.map(digestOf));
		for (const digest of wanted) if (!told.has(digest)) await readAlone(job, digest, connector, deps);
	} finally {
		await source.source.close();
	}
}

function digestOf(child: ChildContents): string {
	return child.kind === "read" ? child.contents.artifact.digest : child.child.digest;
}

async function tellChild(
	job: ScannerJob,
	child: ChildContents,
	connector: ImageConnector,
	deps: ReadJobDeps,
): Promise<void> {
	if (child.kind === "read") await tell(child.contents.artifact.digest as Digest, child.contents, deps);
	else await readAlone(job, child.child.digest, connector, deps);
}

/** A child that failed among the others says why when it is read by itself; what they share is kept by then. */
async function readAlone(job: ScannerJob, digest: Digest, connector: ImageConnector, deps: ReadJobDeps): Promise<void> {
	const { source, sizes } = layerSizes(connector.source(job.repository, digest));
	try {
		const read = await readSource(source, "all", engineDeps(deps, sizes));
		if (read.kind === "image") return await tell(digest, read.contents, deps);
		const message = `${shortDigest(digest)} is an index in an index.`;
		await deps.onImage(failed(digest, { code: "manifest_unsupported", message, hint: "Scan it by itself." }));
	} catch (cause) {
		if (!(cause instanceof EngineError) || deps.signal.aborted) throw cause;
		await deps.onImage(failed(digest, failureOf(cause)));
	} finally {
		await source.close();
	}
}

async function tell(digest: Digest, contents: ImageContents, deps: ReadJobDeps): Promise<void> {
	const { artifact, inventory, warnings } = contents;
	const packages = inventory.packages.length;
	const os = inventory.os
		? (inventory.os.prettyName ?? `${inventory.os.id} ${inventory.os.versionId}`)
		: "no distribution";
	const all = [...warnings, ...inventory.warnings];
	const platform = artifact.platform || "unknown platform";
	log(
		deps,
		"info",
		`${shortDigest(digest)} (${platform}): ${os}, ${artifact.layers.length} layers, ${packages} packages, ${all.length} warnings.`,
	);
	for (const warning of all.slice(0, mostWarnings)) log(deps, "warning", warning.message);
	if (all.length > mostWarnings) log(deps, "warning", `${all.length - mostWarnings} more warnings are in the report.`);
	if (!contents.unreadable) return await deps.onImage({ kind: "contents", digest, contents });
	const reason = all[0]?.message ?? "No layer could be read.";
	const message = `Not one layer of the image could be read, so there is no result: ${reason}`;
	const hint = "Check with another tool that the image can be pulled; its layers may be damaged or of an unknown form.";
	await deps.onImage(failed(digest, { code: "image_malformed", message, hint }));
}

const mostWarnings = 50;

function failed(digest: Digest, failure: ScannerFailure): ImageOutcome {
	return { kind: "failed", digest, failure };
}

export function failureOf(cause: unknown): ScannerFailure {
	if (cause instanceof EngineError) return { code: cause.code, message: cause.message, hint: cause.hint };
	const message = `The scanner failed unexpectedly: ${cause instanceof Error ? cause.message : String(cause)}`;
	return { code: "internal", message, hint: "Scan it again; if it stays, report it with this log." };
}

function log(deps: ReadJobDeps, level: "info" | "warning" | "error", message: string): void {
	deps.onEvent({ type: "log", level, message });
}

/** The parent passes progress on twice a second; more often is of no use. */
const progressMs = 200;

function engineDeps(deps: ReadJobDeps, sizes: ReadonlyMap<string, number>) {
	let told = 0;
	const started = new Map<string, number>();
	return {
		cache: deps.cache,
		signal: deps.signal,
		onEvent: (event: Parameters<Parameters<typeof readSource>[2]["onEvent"]>[0]): void => {
			if (event.type === "bytes") {
				const now = performance.now();
				if (now - told < progressMs && event.done < event.total) return;
				told = now;
				deps.onEvent({ type: "progress", bytesDone: event.done, bytesTotal: event.total });
			} else if (event.type === "resolved") {
				const images = event.images === 1 ? "1 image" : `${event.images} images`;
				log(deps, "info", `${event.name}: ${images}, ${event.layers} layers, ${size(event.bytes)}.`);
				deps.onEvent({ type: "progress", bytesDone: 0, bytesTotal: event.bytes });
			} else if (event.type === "layer") {
				const name = shortDigest(event.digest as Digest);
				if (event.state === "started") started.set(event.digest, performance.now());
				else if (event.state === "cached") log(deps, "info", `Layer ${name}: known, not pulled.`);
				else {
					const seconds = (performance.now() - (started.get(event.digest) ?? performance.now())) / 1000;
					log(
						deps,
						"info",
						`Layer ${name}: pulled and read, ${size(sizes.get(event.digest) ?? 0)} in ${seconds.toFixed(1)} s.`,
					);
				}
			}
		},
	};
}

function size(bytes: number): string {
	return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

interface SizedSource {
	readonly source: ImageSource;
	readonly sizes: ReadonlyMap<string, number>;
}

/** Remembers how large the layers are that are pulled. */
function layerSizes(source: ImageSource): SizedSource {
	const sizes = new Map<string, number>();
	return {
		sizes,
		source: {
			...source,
			blobs: (descriptors, visit, options) => {
				for (const { digest, size } of descriptors) sizes.set(digest, size);
				return source.blobs(descriptors, visit, options);
			},
		},
	};
}

/** The source with only the wanted children in its index; an image stays as it is. Documents were verified before. */
function only({ source, sizes }: SizedSource, wanted: ReadonlySet<string>): SizedSource {
	return {
		sizes,
		source: {
			...source,
			root: async (signal) => {
				const { descriptor, bytes } = await source.root(signal);
				return { descriptor, bytes: withOnly(bytes, wanted) };
			},
		},
	};
}

/** What is no index, or malformed, is left for the engine to judge. */
function withOnly(bytes: Uint8Array, wanted: ReadonlySet<string>): Uint8Array {
	try {
		const index = JSON.parse(Buffer.from(bytes).toString("utf8")) as { readonly manifests?: readonly unknown[] };
		if (!Array.isArray(index.manifests)) return bytes;
		const manifests = index.manifests.filter((child) => {
			const { digest } = (child ?? {}) as { readonly digest?: unknown };
			return typeof digest === "string" && wanted.has(digest);
		});
		return Buffer.from(JSON.stringify({ ...index, manifests }));
	} catch {
		return bytes;
	}
}
