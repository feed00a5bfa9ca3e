import { assemble } from "./assemble.ts";
import { outlineCycloneDx } from "./cyclonedx.ts";
import { readCycloneDxXml } from "./cyclonedx-xml.ts";
import { decodeText, firstSign } from "./decode.ts";
import { unwrap } from "./envelope.ts";
import type { JsonObject } from "./json.ts";
import { isObject, textOf } from "./json.ts";
import { documentLimit, xmlLimit } from "./limits.ts";
import { outlineSpdx } from "./spdx.ts";
import { readTagValue } from "./spdx-tag-value.ts";
import { outlineSpdx3 } from "./spdx3.ts";
import type { Outline, Sbom, Scope, UnreadableSbom } from "./types.ts";

export { documentLimit } from "./limits.ts";
export type { Sbom, UnreadableSbom } from "./types.ts";

/**
 * Reads an SBOM: CycloneDX (JSON, XML), SPDX 2 (JSON, tag-value) or SPDX 3 (JSON-LD), bare or inside an in-toto
 * attestation. Never throws. `name` is the document's own name or path, for warnings and for packages that tell no file.
 */
export function readSbom(bytes: Uint8Array, name: string, scope: Scope = "all"): Sbom | UnreadableSbom {
	const outline = outlineOf(bytes);
	return "document" in outline ? assemble(outline, name, scope) : outline;
}

function outlineOf(bytes: Uint8Array): Outline | UnreadableSbom {
	if (bytes.length > documentLimit) return unreadable(`is larger than ${mebibytes(documentLimit)}`);
	const text = decodeText(bytes);
	const sign = firstSign(text);
	if (sign === "") return unreadable("is empty");
	if (sign === "<") {
		if (bytes.length > xmlLimit) return unreadable(`is XML of more than ${mebibytes(xmlLimit)}; give it as JSON`);
		const bom = readCycloneDxXml(text);
		return typeof bom === "string"
			? { kind: "unreadable", reason: bom, foreign: !/cyclonedx/i.test(text.slice(0, 4_096)) }
			: outlineCycloneDx(bom, "cyclonedx-xml");
	}
	if (sign === "{") return fromJson(text);
	// A comment or another tag may stand first.
	if (/^SPDXVersion:/m.test(text.slice(0, 4_096))) return outlineSpdx(readTagValue(text), "spdx-tag-value");
	return foreign("is neither CycloneDX nor SPDX");
}

function fromJson(text: string): Outline | UnreadableSbom {
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		return unreadable("is broken JSON");
	}
	if (!isObject(value)) return foreign("is neither CycloneDX nor SPDX");
	const { body, subject } = unwrap(value);
	const outline = outlineJson(body);
	if (!outline) return foreign("is JSON, but neither CycloneDX nor SPDX");
	return subject
		? { ...outline, subject: { ...subject, name: subject.name || (outline.subject?.name ?? "") } }
		: outline;
}

function outlineJson(body: JsonObject): Outline | null {
	if (body["bomFormat"] === "CycloneDX") return outlineCycloneDx(body, "cyclonedx-json");
	if (textOf(body["spdxVersion"]).startsWith("SPDX-2")) return outlineSpdx(body, "spdx-json");
	const context = Array.isArray(body["@context"]) ? textOf(body["@context"][0]) : textOf(body["@context"]);
	if (Array.isArray(body["@graph"]) && context.startsWith("https://spdx.org/rdf/3.")) return outlineSpdx3(body);
	return null;
}

function unreadable(reason: string): UnreadableSbom {
	return { kind: "unreadable", reason, foreign: false };
}

function foreign(reason: string): UnreadableSbom {
	return { kind: "unreadable", reason, foreign: true };
}

function mebibytes(bytes: number): string {
	return `${bytes / 1024 / 1024} MiB`;
}
