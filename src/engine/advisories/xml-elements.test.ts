import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inPieces, utf8 } from "./feed-fixture.ts";
import { Malformed } from "./json.ts";
import { xmlElements } from "./xml-elements.ts";

const mostCharacters = 1024 * 1024;

/** The wanted elements' texts; a left out one as `! why`. */
async function read(text: string | Uint8Array, size = 5, most = mostCharacters): Promise<string[]> {
	const bytes = typeof text === "string" ? utf8(text) : text;
	const found: string[] = [];
	for await (const element of xmlElements(inPieces(bytes, size), { root: "r", name: "w", mostCharacters: most }))
		found.push("problem" in element ? `! ${element.problem}` : element.text);
	return found;
}

async function problemOf(text: string | Uint8Array, size = 5): Promise<string | null> {
	try {
		await read(text, size);
	} catch (error) {
		if (error instanceof Malformed) return error.message;
		throw error;
	}
	return null;
}

describe("xmlElements", () => {
	it.each<[string, string[]]>([
		["<r/>", []],
		["<r></r>", []],
		["<r><w/></r>", ["<w/>"]],
		['<?xml version="1.0"?>\n<r a="1"><x><w>1</w></x><w b=">">2</w></r>\n', ["<w>1</w>", '<w b=">">2</w>']],
		["<r><w><w>inner</w></w></r>", ["<w><w>inner</w></w>"]],
		["<r><w2/><ww></ww><w>ä€😀</w></r>", ["<w>ä€😀</w>"]],
		["<o:r xmlns:o='x'><o:w>1</o:w></o:r>", ["<o:w>1</o:w>"]],
		[
			"<r><!-- <w> --><![CDATA[<w>]]><?pi <w> ?><w><!-- </w> --><![CDATA[</w>]]></w></r>",
			["<w><!-- </w> --><![CDATA[</w>]]></w>"],
		],
		["<r>a > b ]]<w\n\ta='\"'\n/></r>", ["<w\n\ta='\"'\n/>"]],
	])("finds those of %s", async (text, elements) => {
		for (const size of [1, 3, 10_000]) expect(await read(text, size)).toEqual(elements);
	});

	it.each([
		["", "it is no XML"],
		["  \n", "it is no XML"],
		["text", "it is no XML"],
		["<html></html>", "it is no XML document of r"],
		["<r>", "it ends early"],
		["<r><w></w>", "it ends early"],
		["<r><w", "it ends early"],
		["<r><!-- ", "it ends early"],
		["<r></r><", "it ends early"],
		["<r></r><r></r>", "something follows its end"],
		["<r></r>x", "it is no XML"],
		["<r><a></r>", "it is not XML: its tags do not nest"],
		["<r><w></r></w>", "it is not XML: its tags do not nest"],
		["<r><a <w></r>", "it is not XML: a tag has no end"],
		['<!DOCTYPE r [<!ENTITY a "b">]><r/>', "it declares a document type, which a feed has no use for"],
		['<r><!ENTITY a "b"></r>', "it declares a document type, which a feed has no use for"],
	])("says what is wrong with %s", async (text, problem) => {
		for (const size of [1, 10_000]) expect(await problemOf(text, size)).toBe(problem);
	});

	it("refuses text that is not UTF-8", async () => {
		expect(await problemOf(Buffer.from("<r>\xe4</r>", "latin1"))).toBe("it is not XML in UTF-8");
	});

	it("refuses endless nesting and endless tags", async () => {
		expect(await problemOf(`<r>${"<a>".repeat(500_000)}`, 4096)).toBe("it is nested deeper than 100 levels");
		expect(await problemOf(`<r><a b="${"x".repeat(2_000_000)}"/></r>`, 4096)).toBe(
			"a tag has more than 1048576 characters",
		);
	});

	it("reads a tag that comes in many pieces once", async () => {
		const tag = `<w a="${">".repeat(200_000)}"/>`;
		const started = performance.now();
		expect(await read(`<r>${tag}</r>`, 40)).toEqual([tag]);
		// Read anew with every piece, it took a minute.
		expect(performance.now() - started).toBeLessThan(5000);
	});

	it("leaves out what is too large, and goes on", async () => {
		const text = `<r><w>${"x".repeat(10_000)}</w><w>1</w><w><a>${"<b/>".repeat(5000)}</a></w><w>2</w></r>`;
		const large = "! it is larger than 5000 characters";
		for (const size of [1, 100, 100_000])
			expect(await read(text, size, 5000)).toEqual([large, "<w>1</w>", large, "<w>2</w>"]);
	});

	interface Tree {
		readonly name: string;
		readonly children: readonly (Tree | string)[];
	}
	const tree: fc.Arbitrary<Tree> = fc.letrec<{ tree: Tree }>((tie) => ({
		tree: fc.record({
			name: fc.constantFrom("w", "a", "ww"),
			children: fc.array(
				fc.oneof({ maxDepth: 4 }, fc.constantFrom("t", " ", "é", "<!--<w>-->", "<a b='<w>'/>"), tie("tree")),
				{
					maxLength: 3,
				},
			),
		}),
	})).tree;
	const write = (node: Tree | string): string =>
		typeof node === "string"
			? node.replace("'<w>'", "'&lt;w>'")
			: `<${node.name}>${node.children.map(write).join("")}</${node.name}>`;
	const outermost = (node: Tree | string): string[] =>
		typeof node === "string" ? [] : node.name === "w" ? [write(node)] : node.children.flatMap(outermost);

	it("finds every one that is in no other, in pieces of any size", async () => {
		await fc.assert(
			fc.asyncProperty(fc.array(tree, { maxLength: 4 }), fc.integer({ min: 1, max: 40 }), async (trees, size) => {
				expect(await read(`<r>${trees.map(write).join("")}</r>`, size)).toEqual(trees.flatMap(outermost));
			}),
			{ numRuns: 300 },
		);
	});

	it("answers any text with elements or Malformed", async () => {
		const parts = [
			"<",
			">",
			"</",
			"/>",
			"r",
			"w",
			"<r>",
			"</r>",
			"<w>",
			"</w>",
			"<!--",
			"-->",
			"<![CDATA[",
			"]]>",
			'"',
			"'",
			" ",
			"<!",
			"?>",
			"<?",
		];
		await fc.assert(
			fc.asyncProperty(
				fc.array(fc.constantFrom(...parts), { maxLength: 30 }),
				fc.integer({ min: 1, max: 9 }),
				async (pieces, size) => {
					const text = pieces.join("");
					const whole = await problemOf(text, 10_000);
					// Cutting the text elsewhere changes nothing.
					expect(await problemOf(text, size)).toBe(whole);
				},
			),
			{ numRuns: 2000 },
		);
	});
});
