import { Buffer } from "node:buffer";

/** Of a Maven artifact. The version is empty when it is not told. */
export interface Coordinates {
	readonly group: string;
	readonly artifact: string;
	readonly version: string;
}

/** Maven's own rule for identifiers, and no longer than anybody's. */
const identifier = /^[A-Za-z0-9_.-]{1,256}$/;

/** Printable, and no `${…}` that the build failed to fill in. */
const version = /^[\x21-\x23\x25-\x7e]{1,256}$/;

/** `META-INF/maven/<group>/<artifact>/pom.properties`, at the root or below. */
const place = /(?:^|\/)META-INF\/maven\/([^/]+)\/([^/]+)\/pom\.properties$/;

/**
 * Reads what Maven writes into every archive that it builds: groupId, artifactId, version. Identifiers that are missing
 * are taken from the file's place; a file that gives neither is none of Maven's.
 * https://maven.apache.org/shared/maven-archiver/#pom-properties-content
 */
export function parsePomProperties(bytes: Uint8Array, name: string): readonly Coordinates[] {
	const properties = parseProperties(bytes);
	const [, placedGroup = "", placedArtifact = ""] = place.exec(name) ?? [];
	const group = firstOf(identifier, properties.get("groupId"), placedGroup);
	const artifact = firstOf(identifier, properties.get("artifactId"), placedArtifact);
	if (group === null || artifact === null) return [];
	return [{ group, artifact, version: firstOf(version, properties.get("version")) ?? "" }];
}

function firstOf(rule: RegExp, ...values: readonly (string | undefined)[]): string | null {
	return values.find((value) => value !== undefined && rule.test(value)) ?? null;
}

const escapes: Readonly<Record<string, string>> = { t: "\t", n: "\n", r: "\r", f: "\f" };

/** A `java.util.Properties` file: ISO 8859-1, `\u` escapes, lines that end in a backslash go on. */
function parseProperties(bytes: Uint8Array): ReadonlyMap<string, string> {
	const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
	const properties = new Map<string, string>();
	for (const line of text.replace(/\\(?:\r\n|\n|\r)[ \t\f]*/g, "").split(/\r\n|\n|\r/)) {
		const [, key, value = ""] = /^[ \t\f]*((?:\\.|[^\\=: \t\f])+)[ \t\f]*[=:]?[ \t\f]*(.*)$/.exec(line) ?? [];
		if (key === undefined || key.startsWith("#") || key.startsWith("!")) continue;
		properties.set(unescaped(key), unescaped(value).trim());
	}
	return properties;
}

function unescaped(text: string): string {
	return text.replace(/\\(?:u([0-9A-Fa-f]{4})|(.))/g, (_, code: string | undefined, character: string | undefined) =>
		code === undefined ? (escapes[character ?? ""] ?? character ?? "") : String.fromCharCode(Number.parseInt(code, 16)),
	);
}
