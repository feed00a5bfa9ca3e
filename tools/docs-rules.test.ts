import { expect, test } from "vitest";
import { type Checkout, docsComplaints } from "./docs-rules.ts";

const fine: Readonly<Record<string, string>> = {
	"README.md":
		"# Plimsoll\n\n```sh\nnpm ci\nnpm test\n```\n\nSee [the map](ARCHITECTURE.md#code-map) and <https://example.org>.\n",
	"ARCHITECTURE.md":
		"# Architecture\n\n## Code map\n\n- `src/model/`: types\n- `src/engine`: the library\n- `src/engine/image/`: layers\n",
	"CONTRIBUTING.md": "Run `npm run check`, `node tools/check-docs.ts`.\n",
	"CHANGELOG.md": "# Changelog\n\n## [Unreleased]\n",
	"THREAT_MODEL.md": "[first decision](docs/adr/0001-node.md)\n",
	"docs/adr/0001-node.md": "# 0001 Node\n\nStatus: accepted\n\n[back](../../README.md)\n",
};
const otherPaths = [
	"src",
	"src/model",
	"src/engine",
	"src/engine/image",
	"src/engine/scan.ts",
	"docs",
	"docs/adr",
	"tools/check-docs.ts",
];

function complaints(
	changes: Readonly<Record<string, string | null>>,
	morePaths: readonly string[] = [],
): readonly string[] {
	const documents = new Map(Object.entries(fine));
	for (const [path, text] of Object.entries(changes)) {
		if (text === null) documents.delete(path);
		else documents.set(path, text);
	}
	const checkout: Checkout = {
		documents,
		paths: new Set([...otherPaths, ...morePaths, ...documents.keys()]),
		scripts: new Set(["check", "test"]),
	};
	return docsComplaints(checkout);
}

test("documents in order raise no complaint", () => {
	expect(complaints({})).toEqual([]);
});

test.each<[string, Record<string, string | null>, readonly string[], RegExp]>([
	["a missing document", { "CONTRIBUTING.md": null }, [], /CONTRIBUTING\.md: is missing/],
	["a README without the test command", { "README.md": "Run `npm test`.\n" }, [], /README\.md: a code block must show/],
	["a broken link", { "CONTRIBUTING.md": "[x](docs/gone.md)" }, [], /there is no docs\/gone\.md/],
	["a link above the checkout", { "CONTRIBUTING.md": "[x](../secret.md)" }, [], /there is no secret\.md/],
	["a broken anchor", { "CONTRIBUTING.md": "[x](README.md#gone)" }, [], /no heading has that anchor/],
	["a broken anchor of its own", { "CONTRIBUTING.md": "# One\n[x](#two)" }, [], /no heading has that anchor/],
	["an unknown script", { "CONTRIBUTING.md": "`npm run polish`" }, [], /no script "polish"/],
	["an unknown built-in script", { "CONTRIBUTING.md": "```\nnpm start\n```" }, [], /no script "start"/],
	["a command with no file", { "CONTRIBUTING.md": "```\nnode tools/gone.ts hex\n```" }, [], /no such file/],
	["a changelog without Unreleased", { "CHANGELOG.md": "# Changelog\n\n## 0.1.0\n" }, [], /Unreleased/],
	["a gap in the decisions", { "docs/adr/0003-x.md": "# 0003 X\n\nStatus: accepted\n" }, [], /the next number is 0002/],
	["a number used twice", { "docs/adr/0001-x.md": "# 0001 X\n\nStatus: accepted\n" }, [], /the next number is 0002/],
	[
		"a decision with another number",
		{ "docs/adr/0001-node.md": "# 0002 Node\n\nStatus: accepted\n" },
		[],
		/must begin "# 0001 "/,
	],
	["a decision without a status", { "docs/adr/0001-node.md": "# 0001 Node\n" }, [], /needs a line "Status/],
	["a folder the map lacks", {}, ["src/engine/registry"], /lacks src\/engine\/registry/],
	["a layer the map lacks", {}, ["src/server"], /lacks src\/server/],
	[
		"a folder that is not there",
		{ "ARCHITECTURE.md": `${fine["ARCHITECTURE.md"]}- \`src/store/\`: state\n` },
		[],
		/names src\/store/,
	],
])("%s is reported", (_, changes, morePaths, complaint) => {
	const found = complaints(changes, morePaths);
	expect(found).toHaveLength(1);
	expect(found[0]).toMatch(complaint);
});

test("links inside code blocks and links to the web are not files", () => {
	expect(
		complaints({ "CONTRIBUTING.md": "```\n[x](gone.md)\n```\n[y](https://example.org/gone.md) [z](mailto:a@b)\n" }),
	).toEqual([]);
});
