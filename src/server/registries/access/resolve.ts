import { EngineError, type RegistryApi } from "#engine";
import { type Digest, isDigest } from "#model";
import type { Resolved } from "../../ports/connector.ts";
import { manifestFacts } from "./facts.ts";

/**
 * Where a tag or digest points: with the digest that is known, one HEAD when nothing changed. Throws EngineError; content
 * that is not what its digest says is one of them.
 */
export async function resolveBy(
	api: RegistryApi,
	repository: string,
	reference: string,
	known: Digest | null,
	signal: AbortSignal,
): Promise<Resolved | null> {
	if (known !== null) {
		const found = await api.digestOf(repository, reference, signal);
		if (found === "gone") return null;
		if (found === known) return { unchanged: true, digest: known };
	}
	try {
		const document = await api
			.repository(repository)
			.manifest(reference, (bytes, said) => said || saidIn(bytes), signal);
		const { digest } = document.descriptor;
		if (digest === known) return { unchanged: true, digest };
		return {
			unchanged: false,
			manifest: await manifestFacts(document, api.source(repository, digest), signal),
		};
	} catch (thrown) {
		if (thrown instanceof EngineError && thrown.code === "registry_not_found") return null;
		throw isDigest(reference) ? thrown : named(thrown, repository, reference);
	}
}

/** The type that a manifest of any kind names itself; it is no matter when it does not. */
function saidIn(bytes: Uint8Array): string {
	try {
		const said: unknown = (JSON.parse(new TextDecoder().decode(bytes)) as { mediaType?: unknown } | null)?.mediaType;
		return typeof said === "string" ? said : "";
	} catch {
		return "";
	}
}

/** A manifest of more bytes than are read has no digest to name it by. */
function named(thrown: unknown, repository: string, tag: string): unknown {
	if (!(thrown instanceof EngineError) || thrown.code !== "image_malformed") return thrown;
	return new EngineError("image_malformed", `${repository}:${tag}: ${thrown.message}`, thrown.hint, thrown);
}
