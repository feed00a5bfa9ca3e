import { Buffer } from "node:buffer";
import { isObject, type JsonObject, objectOf, objectsOf, textOf } from "./json.ts";
import type { SbomSubject } from "./types.ts";

/** A document, and what the envelope around it says it is about. */
export interface Unwrapped {
	readonly body: JsonObject;
	readonly subject: SbomSubject | null;
}

/**
 * Takes an SBOM out of an attestation: a DSSE envelope (its signature is not looked at) around an in-toto statement, or
 * the bare statement that BuildKit attaches to images. Everything else is its own body.
 * https://github.com/secure-systems-lab/dsse/blob/master/envelope.md,
 * https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md
 */
export function unwrap(value: JsonObject): Unwrapped {
	const statement = typeof value["payload"] === "string" ? payloadOf(value["payload"]) : value;
	const predicate = statement["predicate"];
	if (!isObject(predicate)) return { body: statement, subject: null };
	// cosign of before 2022 put one more object around.
	const body = isObject(predicate["Data"]) ? predicate["Data"] : predicate;
	return { body, subject: subjectOf(statement["subject"]) };
}

function payloadOf(payload: string): JsonObject {
	try {
		return objectOf(JSON.parse(Buffer.from(payload, "base64").toString("utf8")));
	} catch {
		return {};
	}
}

function subjectOf(subjects: unknown): SbomSubject | null {
	const [first] = objectsOf(subjects);
	if (!first) return null;
	const hex = textOf(objectOf(first["digest"])["sha256"]);
	return { name: textOf(first["name"]), digest: hex === "" ? "" : `sha256:${hex}` };
}
