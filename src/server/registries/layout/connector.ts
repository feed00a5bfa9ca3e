/** A folder of OCI layouts on this machine, one repository a folder: the samples of the first start. */
import { type Dirent } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { EngineError, isRepository, isTag, layoutTags, openOciLayout } from "#engine";
import { type Digest, isDigest } from "#model";
import { ServerError } from "../../errors.ts";
import type { Connector, RegistryAccess, Resolved } from "../../ports/connector.ts";
import { boundedCheck } from "../access/bounded.ts";
import { manifestFacts } from "../access/facts.ts";
import { lazySource } from "../access/lazy-source.ts";
import { listedNames } from "../access/listed-names.ts";

/** `library/team/app` and a little more. */
const mostLevels = 4;
const mostLayouts = 10_000;

/** Throws ServerError `unprocessable` for a URL that is not `layout:/an/absolute/path`. */
export function layoutConnector(access: RegistryAccess): Connector {
	const root = layoutFolder(access.url);
	/** Never out of the root, by no name and no link. */
	const folderOf = async (repository: string): Promise<string> => {
		const base = isRepository(repository) ? await realpath(root).catch(() => null) : null;
		const folder = base === null ? "" : join(base, ...repository.split("/"));
		if (base === null || (await realpath(folder).catch(() => null)) !== folder) throw noLayout(repository);
		return folder;
	};
	const open = async (repository: string, reference: string, signal: AbortSignal) => {
		const selector = isDigest(reference)
			? ({ kind: "digest", digest: reference } as const)
			: ({ kind: "tag", tag: reference } as const);
		return openOciLayout(await folderOf(repository), { name: nameOf(repository, reference), selector, signal });
	};
	return {
		check: (signal) =>
			boundedCheck(access, signal, async () => {
				const found = await stat(root).catch((cause: unknown) => cause);
				if (found instanceof Error || !(found as { isDirectory(): boolean }).isDirectory())
					throw noFolder(root, found, "target_not_found");
				return { catalog: "open", version: "OCI image layouts", reason: null, hint: null };
			}),
		async *repositories(from, _signal) {
			yield* listedNames(access.repositories ?? (await layoutsIn(root)), from);
		},
		async *tags(repository, signal) {
			const tags = await layoutTags(await folderOf(repository), signal).catch(asRegistry);
			yield [...new Set(tags.map(({ tag }) => tag))].filter(isTag);
		},
		async resolve(repository, reference, known, signal) {
			try {
				return await resolved(await open(repository, reference, signal), known, signal);
			} catch (thrown) {
				if (thrown instanceof EngineError && goneCodes.has(thrown.code)) return null;
				throw thrown;
			}
		},
		source: (repository, digest) =>
			lazySource(nameOf(repository, digest), (signal) => open(repository, digest, signal).catch(asRegistry)),
	};
}

const goneCodes: ReadonlySet<string> = new Set(["target_not_found", "registry_not_found"]);

/** The folder that a layout registry's URL names. */
export function layoutFolder(url: string): string {
	const folder = url.startsWith("layout:") ? url.slice("layout:".length) : "";
	if (isAbsolute(folder)) return folder;
	throw new ServerError("unprocessable", `${url} names no folder.`, "Write layout:/an/absolute/path.");
}

async function resolved(
	source: Awaited<ReturnType<typeof openOciLayout>>,
	known: Digest | null,
	signal: AbortSignal,
): Promise<Resolved> {
	try {
		const document = await source.root(signal);
		const { digest } = document.descriptor;
		if (digest === known) return { unchanged: true, digest };
		return { unchanged: false, manifest: await manifestFacts(document, source, signal) };
	} finally {
		await source.close();
	}
}

/** Names of the folders that hold a layout; links are not followed. */
async function layoutsIn(root: string): Promise<readonly string[]> {
	const found: string[] = [];
	const walk = async (folder: string, name: string, level: number): Promise<void> => {
		const entries: readonly Dirent[] = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
			throw noFolder(folder, cause);
		});
		if (name !== "" && entries.some((entry) => entry.name === "oci-layout" && entry.isFile())) {
			found.push(name);
			return;
		}
		if (level === mostLevels) return;
		for (const entry of entries) {
			const inner = name === "" ? entry.name : `${name}/${entry.name}`;
			if (found.length < mostLayouts && entry.isDirectory() && isRepository(inner))
				await walk(join(folder, entry.name), inner, level + 1);
		}
	};
	await walk(root, "", 0);
	return found.sort();
}

function nameOf(repository: string, reference: string): string {
	return `${repository}${isDigest(reference) ? "@" : ":"}${reference}`;
}

/** Those who ask a registry know this one's words. */
function asRegistry(thrown: unknown): never {
	if (thrown instanceof EngineError && thrown.code === "target_not_found")
		throw new EngineError("registry_not_found", thrown.message, thrown.hint, thrown);
	throw thrown;
}

function noFolder(
	folder: string,
	cause: unknown,
	code: "registry_unreachable" | "target_not_found" = "registry_unreachable",
): EngineError {
	return new EngineError(
		code,
		`The folder ${folder} cannot be read.`,
		"Check that it is there and who may read it.",
		cause,
	);
}

function noLayout(repository: string): EngineError {
	return new EngineError("registry_not_found", `There is no repository ${repository}.`, "Check the name.");
}
