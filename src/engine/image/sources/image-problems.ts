/** What can be wrong with an image kept outside a registry. */
import { EngineError } from "../../errors.ts";

export function malformed(name: string, what: string, cause?: unknown): EngineError {
	return new EngineError(
		"image_malformed",
		`The image in ${name} is malformed: ${what}.`,
		"Save it again, for example with `skopeo copy` or `docker save`.",
		cause,
	);
}

export function missingFile(name: string, path: string): EngineError {
	const blob = /^blobs\/([^/]+)\/([^/]+)$/.exec(path);
	return malformed(name, blob ? `the blob ${blob[1]}:${blob[2]} is missing` : `${path} is missing`);
}

export function tooLarge(name: string, path: string, most: number): EngineError {
	return malformed(name, `${path} is larger than ${most} bytes`);
}

export function targetNotFound(name: string, cause: unknown): EngineError {
	const code = cause instanceof Error && "code" in cause ? ` (${String(cause.code)})` : "";
	return new EngineError("target_not_found", `${name} cannot be opened${code}.`, "Check the path.", cause);
}
