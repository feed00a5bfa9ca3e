/** Reading of JSON that anybody may have written: what is not of the wanted form reads as absent. */
import { mostContainers, mostDepth } from "./limits.ts";
import { malformedFile } from "./malformed.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

/** @throws EngineError suppression_malformed: not UTF-8, not JSON, no object, or too deep or large */
export function readJson(bytes: Uint8Array, file: string): JsonObject {
	const text = readUtf8(bytes, file);
	const fault = faultInShape(text);
	if (fault !== null) throw malformedFile(file, fault);
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch (cause) {
		const reason = cause instanceof Error ? cause.message : String(cause);
		throw malformedFile(file, `it is not JSON: ${reason}.`, cause);
	}
	if (!isObject(value)) throw malformedFile(file, "it is JSON, but not an object.");
	return value;
}

/** A byte order mark is left out. */
export function readUtf8(bytes: Uint8Array, file: string): string {
	try {
		return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
	} catch (cause) {
		throw malformedFile(file, "it is not UTF-8 text.", cause);
	}
}

export function isObject(value: unknown): value is JsonObject {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function objectIn(value: unknown): JsonObject {
	return isObject(value) ? value : {};
}

export function listIn(value: unknown): readonly unknown[] {
	return Array.isArray(value) ? value : [];
}

export function objectsIn(value: unknown): readonly JsonObject[] {
	return listIn(value).filter(isObject);
}

/** Empty text counts as absent. */
export function textIn(value: unknown): string | undefined {
	return typeof value === "string" && value.trim() !== "" ? value : undefined;
}

export function textsIn(value: unknown): readonly string[] {
	return listIn(value).filter((entry): entry is string => typeof entry === "string");
}

/** Counts brackets outside of strings, so that nothing is built of what nests without end or fills the memory. */
function faultInShape(text: string): string | null {
	let depth = 0;
	let containers = 0;
	let inString = false;
	for (let at = 0; at < text.length; at += 1) {
		const code = text.charCodeAt(at);
		if (inString) {
			if (code === backslash) at += 1;
			else if (code === quote) inString = false;
		} else if (code === quote) inString = true;
		else if (code === openBracket || code === openBrace) {
			depth += 1;
			containers += 1;
			if (depth > mostDepth) return `its JSON is nested more than ${mostDepth} levels deep.`;
			if (containers > mostContainers) return `its JSON has more than ${mostContainers} objects and lists.`;
		} else if (code === closeBracket || code === closeBrace) depth -= 1;
	}
	return null;
}

const quote = 0x22;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;
