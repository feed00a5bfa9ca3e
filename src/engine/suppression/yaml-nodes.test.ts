import fc from "fast-check";
import { dump, FAILSAFE_SCHEMA, load, realMapTag } from "js-yaml";
import { describe, expect, it, test } from "vitest";
import { readYaml, type YamlNode } from "./yaml-nodes.ts";

function plain(node: YamlNode | null): unknown {
	if (node === null) return null;
	if (node.kind === "scalar") return node.text;
	if (node.kind === "list") return node.items.map(plain);
	return new Map(node.entries.map(({ key, value }) => [key, plain(value)]));
}

// Only texts and collections: what scalars stand for is left to whoever reads them.
test("reads what the library reads", async () => {
	const { node } = fc.letrec((tie) => ({
		node: fc.oneof({ maxDepth: 4 }, tie("text"), tie("list"), tie("map")),
		text: fc.string({ unit: "grapheme", maxLength: 20 }),
		list: fc.array(tie("node"), { maxLength: 5 }),
		map: fc.dictionary(fc.string({ maxLength: 10 }), tie("node"), { maxKeys: 5 }),
	}));
	await fc.assert(
		fc.asyncProperty(node, async (value) => {
			const text = dump(value);
			expect(plain(await readYaml(text))).toEqual(load(text, { schema: FAILSAFE_SCHEMA.withTags(realMapTag) }));
		}),
		{ numRuns: 2000 },
	);
});

it("knows the line of everything, and what nothing is", async () => {
	const text = "# head\na: 1\nb:\n  - x\n  - >\n    folded\n    text\n  - {c: ~, d: '~', e: }\n";
	expect(await readYaml(text)).toEqual({
		kind: "map",
		line: 2,
		entries: [
			{ line: 2, key: "a", value: { kind: "scalar", line: 2, text: "1" } },
			{
				line: 3,
				key: "b",
				value: {
					kind: "list",
					line: 4,
					items: [
						{ kind: "scalar", line: 4, text: "x" },
						{ kind: "scalar", line: 6, text: "folded text\n" },
						{
							kind: "map",
							line: 8,
							entries: [
								{ line: 8, key: "c", value: { kind: "scalar", line: 8, text: null } },
								{ line: 8, key: "d", value: { kind: "scalar", line: 8, text: "~" } },
								{ line: 8, key: "e", value: { kind: "scalar", line: 8, text: null } },
							],
						},
					],
				},
			},
		],
	});
});

it("shares what an alias names", async () => {
	const root = await readYaml("a: &x [1, 2]\nb: *x\nc: &x 3\nd: *x\n");
	expect(plain(root)).toEqual(
		new Map<string, unknown>([
			["a", ["1", "2"]],
			["b", ["1", "2"]],
			["c", "3"],
			["d", "3"],
		]),
	);
});

describe("faults have a line and a reason", () => {
	it.each([
		["a: [", 1, /^it is not YAML: unexpected end/],
		["a: 1\n\tb: 2", 2, /^it is not YAML: /],
		["a: 1\n\na: 2\n", 3, /^the key "a" stands twice$/],
		["a: 1\n? [b]\n: 2\n", 2, /^a key is not a text$/],
		["~: 1\n", 1, /^a key is not a text$/],
		["a: !!binary YQ==\n", 1, /^tags/],
		["a:\n  - !!set {b}\n", 2, /^tags/],
		["a: *b\n", 1, /^nothing is anchored as &b before$/],
		["&a [1, *a]\n", 1, /^the alias \*a stands in what it names$/],
		["a: 1\n---\nb: 2\n", 1, /^it holds several YAML documents/],
		["[".repeat(1000), 1, /^it is not YAML: nesting exceeded/],
	])("%j", async (text, line, reason) => {
		await expect(readYaml(text)).rejects.toMatchObject({ line, message: expect.stringMatching(reason) });
	});

	it.each(["", "# only a comment\n", "---\n", "~\n"])("nothing is no fault: %j", async (text) => {
		expect(plain(await readYaml(text))).toBeNull();
	});
});

describe("bombs", () => {
	it("aliases of aliases end", async () => {
		const levels = "bcdefghij".split("").map((name, index) => {
			const before = String.fromCharCode("a".charCodeAt(0) + index);
			return `${name}: &${name} [${Array.from({ length: 9 }, () => `*${before}`).join(", ")}]`;
		});
		const bomb = `a: &a [lol, lol, lol]\n${levels.join("\n")}\n`;
		await expect(readYaml(bomb)).rejects.toThrow("its aliases stand for more than a file may hold");
	});

	it("many aliases of one long list end, too", async () => {
		const list = `a: &a [${"x, ".repeat(10_000)}]\n`;
		const uses = Array.from({ length: 1000 }, (_, index) => `b${index}: *a\n`).join("");
		await expect(readYaml(list + uses)).rejects.toThrow("its aliases stand for more than a file may hold");
	});
});
