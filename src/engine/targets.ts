import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { EngineError } from "./errors.ts";
import { defaultLimits } from "./image/limits.ts";
import { openDockerArchive } from "./image/sources/docker-archive.ts";
import { openOciArchive } from "./image/sources/oci-archive.ts";
import { layoutSource, type OpenOptions, openOciLayout } from "./image/sources/oci-layout.ts";
import { splitSelector } from "./image/sources/selector.ts";
import { openTar } from "./image/sources/tar-files.ts";
import type { ImageSource } from "./image/types.ts";
import { parseReference, type Reference, registrySource, type SourceDeps } from "./registry/index.ts";
import { documentLimit, readSbom, type Sbom } from "./sbom/index.ts";

/** What to scan: an image, a folder that holds a root filesystem, or an SBOM. */
export type ScanTarget =
	| { readonly kind: "image"; readonly name: string; readonly source: ImageSource; close(): Promise<void> }
	| { readonly kind: "rootfs"; readonly name: string; readonly path: string; close(): Promise<void> }
	| SbomTarget;

/** An SBOM document that was read. */
export interface SbomTarget {
	readonly kind: "sbom";
	readonly name: string;
	readonly sbom: Sbom;
	close(): Promise<void>;
}

export interface TargetDeps {
	/** What a registry needs, decided by its host: credentials, mirrors, whether plain HTTP is allowed. */
	readonly registry: (reference: Reference) => SourceDeps;
	readonly signal: AbortSignal;
}

type Open = (path: string, options: OpenOptions) => Promise<ImageSource>;

const archives: Readonly<Record<string, Open>> = {
	"oci-layout": openOciLayout,
	"oci-archive": openOciArchive,
	"docker-archive": openDockerArchive,
};

/**
 * Opens what a person names: `registry/repo[:tag|@digest]`, `oci-layout:DIR[:tag]`, `oci-archive:FILE`,
 * `docker-archive:FILE`, `dir:PATH`, `sbom:FILE`, or a path that exists.
 * @throws EngineError reference_malformed, target_not_found, target_unrecognised, image_malformed
 */
export async function openTarget(text: string, deps: TargetDeps): Promise<ScanTarget> {
	const colon = text.indexOf(":");
	const scheme = text.slice(0, Math.max(colon, 0));
	const rest = text.slice(colon + 1);
	if (scheme === "dir") return openRootfs(rest, text);
	const open = archives[scheme];
	if (open) return openArchive(open, rest, text, deps);
	if (scheme === "sbom") return openSbom(rest, text);
	const { path } = splitSelector(text);
	if (await exists(text)) return openPath(text, text, deps);
	const found = await exists(path);
	if (found && looksLikePath(path)) return openPath(path, text, deps);
	if (looksLikePath(text)) {
		throw new EngineError("target_not_found", `There is no file or folder ${path}.`, "Check the path.");
	}
	const reference = parseReference(text);
	const source = registrySource(reference, deps.registry(reference));
	return { kind: "image", name: source.name, source, close: () => source.close() };
}

async function openArchive(open: Open, text: string, name: string, deps: TargetDeps): Promise<ScanTarget> {
	const whole = await exists(text);
	const { path, selector } = whole ? { path: text, selector: { kind: "only" } as const } : splitSelector(text);
	const source = await open(path, { name, selector, signal: deps.signal });
	return { kind: "image", name, source, close: () => source.close() };
}

/** A bare path: an image layout, an image archive, an SBOM by its ending, or a root filesystem. */
async function openPath(path: string, name: string, deps: TargetDeps): Promise<ScanTarget> {
	if ((await stat(path)).isDirectory()) {
		if (await exists(join(path, "oci-layout"))) return openArchive(openOciLayout, name, name, deps);
		if (path === name) return openRootfs(path, name);
		throw new EngineError(
			"target_not_found",
			`${path} is a folder without an oci-layout file: there is no ${name.slice(path.length + 1)} to choose in it.`,
			"Give the folder alone to scan it as a root filesystem.",
		);
	}
	if (/\.(?:json|xml|spdx|cdx)$/i.test(path)) return openSbom(path, name);
	try {
		return await openArchive(openDockerArchive, name, name, deps);
	} catch (cause) {
		if (!(cause instanceof EngineError) || cause.code !== "image_malformed") throw cause;
		return openArchive((file, options) => openOtherArchive(file, options, cause), name, name, deps);
	}
}

/** An archive that is no sound docker-save archive: an OCI one, or one that is broken as `problem` tells, or neither. */
async function openOtherArchive(path: string, options: OpenOptions, problem: EngineError): Promise<ImageSource> {
	const files = await openTar(path, options.limits ?? defaultLimits, options.signal).catch((cause: unknown) => {
		throw cause instanceof EngineError && cause.code === "image_malformed" ? unrecognised(path, cause) : cause;
	});
	const holds = async (file: string) => (await files.size(file, options.signal)) !== null;
	const isDocker = await holds("manifest.json");
	if (!isDocker && (await holds("index.json"))) return layoutSource(files, options);
	await files.close();
	throw isDocker ? problem : unrecognised(path, problem);
}

function unrecognised(path: string, cause: EngineError): EngineError {
	return new EngineError(
		"target_unrecognised",
		`${path} is neither a docker-save archive nor an OCI image archive.`,
		"Save an image with docker save, podman save or skopeo copy, or give a registry reference.",
		cause,
	);
}

async function openSbom(path: string, name: string): Promise<ScanTarget> {
	const hint = "Give a CycloneDX or SPDX document.";
	const found = await stat(path).catch(() => null);
	if (!found?.isFile()) {
		const what = found ? "is not a file" : "does not exist";
		throw new EngineError("target_not_found", `${path} ${what}.`, hint);
	}
	if (found.size > documentLimit) {
		throw new EngineError("target_unrecognised", `${path} is larger than ${documentLimit / 1024 / 1024} MiB.`, hint);
	}
	const sbom = readSbom(await readFile(path), path);
	if (sbom.kind === "unreadable") throw new EngineError("target_unrecognised", `${path} ${sbom.reason}.`, hint);
	return { kind: "sbom", name, sbom, close: async () => undefined };
}

async function openRootfs(path: string, name: string): Promise<ScanTarget> {
	const found = await stat(path).catch(() => null);
	if (!found?.isDirectory()) {
		const what = found ? "is not a folder" : "does not exist";
		throw new EngineError("target_not_found", `${path} ${what}.`, "Give the folder that holds the root filesystem.");
	}
	return { kind: "rootfs", name, path, close: async () => undefined };
}

function looksLikePath(text: string): boolean {
	return /^(\.{0,2}\/|~)/.test(text) || /\.(tar|tgz|tar\.gz|tar\.zst)$/.test(text);
}

async function exists(path: string): Promise<boolean> {
	return (await stat(path).catch(() => null)) !== null;
}
