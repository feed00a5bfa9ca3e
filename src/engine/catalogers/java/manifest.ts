import { Buffer } from "node:buffer";

/** What the main section of a manifest says of the archive itself. */
export type Manifest = Readonly<Partial<Record<Attribute, string>>>;

const attributes = [
	"implementation-title",
	"implementation-version",
	"implementation-vendor-id",
	"bundle-symbolicname",
	"bundle-version",
	"automatic-module-name",
	"specification-version",
] as const;
type Attribute = (typeof attributes)[number];

/** A main section with the longest lists of OSGi packages has some dozen KiB; digests of entries come behind it. */
const mainLimit = 1024 * 1024;
const valueLimit = 1024;

/**
 * Reads the main section of `META-INF/MANIFEST.MF`, up to the first empty line. A line that begins with a blank goes on
 * with the one before, even in the middle of a character; names are equal in upper and lower case.
 * https://docs.oracle.com/en/java/javase/21/docs/specs/jar/jar.html#name-value-pairs-and-sections
 */
export function parseManifest(bytes: Uint8Array): Manifest {
	const text = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, mainLimit)).toString("latin1");
	const lines = text.replace(/^\xef\xbb\xbf/, "").replace(/\r\n?/g, "\n");
	const end = lines.indexOf("\n\n");
	const manifest: Partial<Record<Attribute, string>> = {};
	for (const line of lines
		.slice(0, end === -1 ? lines.length : end)
		.replaceAll("\n ", "")
		.split("\n")) {
		const colon = line.indexOf(":");
		const name = line.slice(0, Math.max(0, colon)).trim().toLowerCase();
		const attribute = attributes.find((known) => known === name);
		const value = Buffer.from(line.slice(colon + 1, colon + 1 + valueLimit), "latin1")
			.toString("utf8")
			.trim();
		if (attribute !== undefined && value !== "") manifest[attribute] = value;
	}
	return manifest;
}
