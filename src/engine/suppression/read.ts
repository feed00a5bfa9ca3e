import { open } from "node:fs/promises";
import { csafVex } from "./csaf-vex/index.ts";
import { cycloneDxVex } from "./cyclonedx-vex/index.ts";
import { entryFields, readIgnoreFile, topFields } from "./ignore-file/index.ts";
import { readJson, readUtf8 } from "./json.ts";
import { mostIgnoreBytes, mostVexBytes } from "./limits.ts";
import { malformedFile } from "./malformed.ts";
import { openVex } from "./openvex/index.ts";
import { readTrivyIgnore, readTrivyIgnoreYaml, trivySections } from "./trivyignore/index.ts";
import type { Suppressions } from "./types.ts";
import type { VexFormat } from "./vex-format.ts";
import { readYaml, YamlFault, type YamlNode } from "./yaml-nodes.ts";

/** The files that a person names; nothing is read that nobody named. */
export interface SuppressionFiles {
	readonly vex: readonly string[];
	readonly ignore: readonly string[];
}

const vexFormats: readonly VexFormat[] = [openVex, csafVex, cycloneDxVex];

/**
 * Reads VEX documents and ignore files; which kind each is, its content tells.
 * @throws EngineError suppression_malformed: a file cannot be read or is of no known form
 */
export async function readSuppressions(files: SuppressionFiles, now: Date): Promise<Suppressions> {
	const read: Suppressions[] = [];
	for (const file of new Set(files.vex)) read.push(readVex(await bytesOf(file, mostVexBytes), file));
	for (const file of new Set(files.ignore))
		read.push(await readIgnore(await bytesOf(file, mostIgnoreBytes), file, now));
	return {
		statements: read.flatMap(({ statements }) => statements),
		problems: read.flatMap(({ problems }) => problems),
	};
}

/** @throws EngineError suppression_malformed */
export function readVex(bytes: Uint8Array, file: string): Suppressions {
	if (startsWith(bytes, "<")) {
		throw malformedFile(file, "it is XML; of VEX, OpenVEX, CSAF and CycloneDX are read as JSON.");
	}
	const document = readJson(bytes, file);
	const format = vexFormats.find((known) => known.recognises(document));
	if (!format) throw malformedFile(file, `it is none of ${vexFormats.map(({ name }) => name).join(", ")}.`);
	const { statements, problems } = format.read(document, file);
	if (statements.length + problems.length > 0) return { statements, problems };
	return { statements, problems: [`${file}: it is ${format.name}, but says of no vulnerability whether it counts.`] };
}

/** @throws EngineError suppression_malformed */
export async function readIgnore(bytes: Uint8Array, file: string, now: Date): Promise<Suppressions> {
	const text = readUtf8(bytes, file);
	if (startsWith(bytes, "{")) throw malformedFile(file, "it is JSON, not an ignore file; VEX is given by --vex.");
	if (!isYaml(text, file)) return readTrivyIgnore(text, file);
	const root = await yamlIn(text, file);
	if (root === null && /trivyignore\.ya?ml$/i.test(file)) return { statements: [], problems: [] };
	return root !== null && isTrivys(root) ? readTrivyIgnoreYaml(root, file) : readIgnoreFile(root, file, now);
}

/** Trivy's sections, and none of Plimsoll's own fields. */
function isTrivys(root: YamlNode): boolean {
	if (root.kind !== "map") return false;
	const keys = root.entries.map(({ key }) => key);
	return keys.some((key) => trivySections.includes(key)) && !keys.some((key) => topFields.includes(key));
}

/** By its name, else by a first line that begins as one of the YAML forms does; identifiers are no such lines. */
function isYaml(text: string, file: string): boolean {
	if (/\.ya?ml$/i.test(file)) return true;
	const lines = text.split("\n").map((line) => line.trim());
	const first = lines.find((line) => line !== "" && !line.startsWith("#")) ?? "";
	const [, key = ""] = /^(?:- )?(\w+):(?:\s|$)/.exec(first) ?? [];
	return first === "---" || [...topFields, ...trivySections, ...entryFields].includes(key);
}

async function yamlIn(text: string, file: string): Promise<YamlNode | null> {
	try {
		return await readYaml(text);
	} catch (cause) {
		if (!(cause instanceof YamlFault)) throw cause;
		throw malformedFile(file, `line ${cause.line}: ${cause.message}.`, cause);
	}
}

function startsWith(bytes: Uint8Array, text: string): boolean {
	const start = new TextDecoder().decode(bytes.subarray(0, 1024));
	return start.trimStart().startsWith(text);
}

/** A whole file of limited size; pipes are read, too. */
async function bytesOf(file: string, most: number): Promise<Uint8Array> {
	const chunks: Uint8Array[] = [];
	let size = 0;
	try {
		await using handle = await open(file);
		for await (const chunk of handle.createReadStream({ autoClose: false })) {
			if (!(chunk instanceof Uint8Array)) continue;
			chunks.push(chunk);
			size += chunk.length;
			if (size > most) break;
		}
	} catch (cause) {
		const missing = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
		const reason = cause instanceof Error ? cause.message : String(cause);
		throw malformedFile(file, missing ? "there is no such file." : `it cannot be read: ${reason}.`, cause);
	}
	if (size > most) throw malformedFile(file, `it is larger than ${most / 1024 / 1024} MB.`);
	return Buffer.concat(chunks);
}
