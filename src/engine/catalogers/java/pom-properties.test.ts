import { Buffer } from "node:buffer";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parsePomProperties } from "./pom-properties.ts";

const place = "META-INF/maven/placed.group/placed-artifact/pom.properties";

function read(text: string, name = place): string[] {
	return parsePomProperties(Buffer.from(text, "latin1"), name).map(
		({ group, artifact, version }) => `${group}:${artifact}@${version}`,
	);
}

test.each([
	["as Maven writes it", "#Created by Maven\nversion=1.0\ngroupId=g\nartifactId=a\n", "g:a@1.0"],
	["with Windows' ends of lines", "#x\r\nversion=1.0\r\ngroupId=g\r\nartifactId=a\r\n", "g:a@1.0"],
	["with blanks and colons", " groupId : g\n\tartifactId\ta \nversion = 1.0 ", "g:a@1.0"],
	["with escapes", "groupId=g\\u002eh\nartifactId=a\\\n   b\nversion=1\\.0", "g.h:ab@1.0"],
	["with comments", "!groupId=x\n# artifactId=x\ngroupId=g\nartifactId=a\nversion=1.0", "g:a@1.0"],
	["the last of two values", "version=1\ngroupId=g\nartifactId=a\nversion=2", "g:a@2"],
	["without identifiers", "version=1.0", "placed.group:placed-artifact@1.0"],
	["with identifiers that are none", "groupId=g h\nartifactId=a/b\nversion=1", "placed.group:placed-artifact@1"],
	["without a version", "groupId=g\nartifactId=a", "g:a@"],
	["with a version that was not filled in", "groupId=g\nartifactId=a\nversion=${project.version}", "g:a@"],
	["with a version that is none", "groupId=g\nartifactId=a\nversion=1 2", "g:a@"],
	["empty", "", "placed.group:placed-artifact@"],
])("reads one %s", (_, text, coordinates) => {
	expect(read(text)).toEqual([coordinates]);
});

test.each(["pom.properties", "META-INF/pom.properties", "META-INF/maven/a b/c/pom.properties"])(
	"passes over one at %s that names nothing",
	(name) => {
		expect(read("version=1.0", name)).toEqual([]);
	},
);

test("answers anything, in time", () => {
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
			for (const { group, artifact } of parsePomProperties(bytes, place)) expect(group + artifact).toMatch(/^[\w.-]+$/);
		}),
	);
	for (const piece of [" ", "\\", "=", "\\u", "a\\\n", "groupId", ": "]) read(piece.repeat(1_000_000));
});
