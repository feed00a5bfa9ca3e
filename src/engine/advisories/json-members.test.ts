import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { all, inPieces, utf8 } from "./feed-fixture.ts";
import { Malformed } from "./json.ts";
import { type JsonMembersOptions, jsonMembers } from "./json-members.ts";

const mostBytes = 1024 * 1024;

/** Members as `[key, value]`, a left out one as `[key, "! why"]`. */
async function read(text: string | Uint8Array, size = 7, options: Partial<JsonMembersOptions> = {}) {
	const bytes = typeof text === "string" ? utf8(text) : text;
	const members: [string, unknown][] = [];
	for await (const member of jsonMembers(inPieces(bytes, size), { mostBytes, ...options })) {
		if ("problem" in member) members.push([member.key, `! ${member.problem}`]);
		else members.push([member.key, JSON.parse(new TextDecoder().decode(member.bytes))]);
	}
	return members;
}

async function problemOf(text: string | Uint8Array, size = 7, options: Partial<JsonMembersOptions> = {}) {
	try {
		await read(text, size, options);
	} catch (error) {
		if (error instanceof Malformed) return error.message;
		throw error;
	}
	return null;
}

describe("jsonMembers", () => {
	it.each<[string, [string, unknown][]]>([
		["{}", []],
		[" [ ] ", []],
		['{"a":1}', [["a", 1]]],
		['\ufeff{"a":1}', [["a", 1]]],
		[
			"[1,-2.5e3,true,false,null]",
			[
				["0", 1],
				["1", -2500],
				["2", true],
				["3", false],
				["4", null],
			],
		],
		[
			'{"a\\"}":"b\\\\","c":[{"d":"]"},[]]}',
			[
				['a"}', "b\\"],
				["c", [{ d: "]" }, []]],
			],
		],
		['{"\\u00e9":"ä\u{1f600}"}', [["é", "ä\u{1f600}"]]],
		[
			'{"a":1,"a":2}',
			[
				["a", 1],
				["a", 2],
			],
		],
		['{"__proto__":{"x":1}}', [["__proto__", { x: 1 }]]],
		[
			'{\n\t"a" : {\r\n } , "b" : "x" }\n',
			[
				["a", {}],
				["b", "x"],
			],
		],
	])("reads %s", async (text, members) => {
		for (const size of [1, 2, 1000]) expect(await read(text, size)).toEqual(members);
	});

	it.each<[string, [string, unknown][]]>([
		[
			'{"x":{"in":[1]},"in":[{"a":1},2],"y":"in"}',
			[
				["0", { a: 1 }],
				["1", 2],
			],
		],
		[
			'{"in":{"a":1,"b":[]}}',
			[
				["a", 1],
				["b", []],
			],
		],
		['{"in":[]}', []],
		[
			'{"in":[1],"in":[2]}',
			[
				["0", 1],
				["0", 2],
			],
		],
	])("reads the wanted member of %s", async (text, members) => {
		for (const size of [1, 3, 1000]) expect(await read(text, size, { at: "in" })).toEqual(members);
	});

	it.each([
		["", "it is empty"],
		[" \n", "it is empty"],
		["x", "it is no JSON object or array"],
		['"a"', "it is no JSON object or array"],
		["{", "it ends early"],
		['{"a"', "it ends early"],
		['{"a":', "it ends early"],
		['{"a":1', "it ends early"],
		['{"a":1,', "it ends early"],
		['{"a":{"b":1}', "it ends early"],
		['{"a":"b', "it ends early"],
		["[1,2", "it ends early"],
		['{"a" 1}', "it is not JSON: a colon is missing"],
		['{"a":}', "it is not JSON: a value is missing"],
		["[,1]", "it is not JSON: a value is missing"],
		["[1,]", "it is not JSON: a value is missing"],
		['{"a":1,}', "it is not JSON: a key is missing"],
		["{1:2}", "it is not JSON: a key is missing"],
		['{"a":1 "b":2}', "it is not JSON: a comma is missing"],
		["[1}", "it is not JSON: a comma is missing"],
		['{"\\x":1}', "it is not JSON: a key is malformed"],
		["{}{}", "something follows its end"],
		["[1]x", "something follows its end"],
	])("says what is wrong with %s", async (text, problem) => {
		for (const size of [1, 1000]) expect(await problemOf(text, size)).toBe(problem);
	});

	it.each([
		["[]", "it is no JSON object"],
		["{}", "it has no in"],
		['{"other":[1]}', "it has no in"],
		['{"in":"text"}', "it has no in"],
		['{"in":[1]', "it ends early"],
		['{"in":[1],"x"', "it ends early"],
	])("says what is wrong with %s where a member is wanted", async (text, problem) => {
		expect(await problemOf(text, 3, { at: "in" })).toBe(problem);
	});

	it("leaves out what is too large or too deep, and goes on", async () => {
		const deep = "[".repeat(300) + "]".repeat(300);
		const members = await read(`{"big":"${"x".repeat(5000)}","deep":${deep},"fine":1}`, 64, { mostBytes: 4000 });
		expect(members).toEqual([
			["big", "! it is larger than 4000 bytes"],
			["deep", "! it is nested deeper than 200 levels"],
			["fine", 1],
		]);
	});

	it("does not keep what it leaves out", async () => {
		async function* endless() {
			yield utf8('{"big":"');
			for (let n = 0; n < 2000; n++) yield new Uint8Array(64 * 1024).fill(0x78);
			yield utf8('"}');
		}
		const before = process.memoryUsage().arrayBuffers;
		let peak = 0;
		async function* watched() {
			for await (const chunk of endless()) {
				peak = Math.max(peak, process.memoryUsage().arrayBuffers);
				yield chunk;
			}
		}
		const members = await all(jsonMembers(watched(), { mostBytes: 1024 * 1024 }));
		expect(members).toEqual([{ key: "big", problem: "it is larger than 1048576 bytes" }]);
		// 125 MiB went by; what the collector has not reached yet counts too.
		expect(peak - before).toBeLessThan(100 * 1024 * 1024);
	});

	it("refuses a key without end", async () => {
		expect(await problemOf(`{"${"k".repeat(70_000)}`, 4096)).toBe("a key has more than 65536 bytes");
	});

	const json = fc.jsonValue({ maxDepth: 4 });
	const blank = fc.stringMatching(/^[ \n\r\t]{0,2}$/);

	it("gives what JSON.parse gives, in pieces of any size", async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.array(fc.tuple(fc.string(), json, blank)),
				fc.integer({ min: 1, max: 64 }),
				fc.boolean(),
				async (entries, size, nested) => {
					const members = entries.map(
						([key, value, s]) => `${s}${JSON.stringify(key)}${s}:${s}${JSON.stringify(value)}${s}`,
					);
					const object = `{${members.join(",")}}`;
					const text = nested ? `{"x":${object},"in":${object} }` : object;
					expect(await read(text, size, nested ? { at: "in" } : {})).toEqual(
						entries.map(([key, value]) => [key, JSON.parse(JSON.stringify(value)) as unknown]),
					);
				},
			),
			{ numRuns: 300 },
		);
	});

	it("takes no text for whole that was cut short", async () => {
		await fc.assert(
			fc.asyncProperty(fc.array(json), fc.nat(), fc.integer({ min: 1, max: 16 }), async (values, cut, size) => {
				const bytes = utf8(JSON.stringify(values));
				expect(await problemOf(bytes.subarray(0, cut % bytes.length), size)).not.toBeNull();
			}),
			{ numRuns: 300 },
		);
	});

	it("answers any bytes with members or Malformed", async () => {
		const noise = fc
			.array(fc.constantFrom(...'{}[]",:\\1a \n\u00e9'.split("")), { maxLength: 60 })
			.map((parts) => parts.join(""));
		await fc.assert(
			fc.asyncProperty(noise, fc.integer({ min: 1, max: 9 }), async (text, size) => {
				let valid = true;
				let members: unknown;
				try {
					JSON.parse(text);
				} catch {
					valid = false;
				}
				try {
					members = await all(jsonMembers(inPieces(utf8(text), size), { mostBytes }));
				} catch (error) {
					expect(error).toBeInstanceOf(Malformed);
				}
				if (valid && /^\s*[[{]/.test(text)) expect(members).toBeDefined();
			}),
			{ numRuns: 2000 },
		);
	});
});
