import { describe, expect, it } from "vitest";
import { Malformed } from "./json.ts";
import { attributeOf, childOf, childrenOf, textOf, xmlRecord } from "./xml-record.ts";

describe("xmlRecord", () => {
	it("reads attributes, text and children", () => {
		const update = xmlRecord(
			`<u:update type="a &amp; b"><id> X-1 </id><list><p n="1"/><p n="2">&lt;&#65;&#x42;&gt;</p></list><e/></u:update>`,
			"update",
		);
		expect(attributeOf(update, "type")).toBe("a & b");
		expect(attributeOf(update, "none")).toBeUndefined();
		expect(textOf(childOf(update, "id"))).toBe("X-1");
		expect(childrenOf(childOf(update, "list"), "p").map((p) => [attributeOf(p, "n"), textOf(p)])).toEqual([
			["1", ""],
			["2", "<AB>"],
		]);
		expect(textOf(childOf(update, "e"))).toBe("");
		expect(childrenOf(update, "none")).toEqual([]);
		expect(textOf(childOf(update, "toString"))).toBe("");
	});

	it("expands nothing twice and nothing that is not predefined", () => {
		expect(textOf(xmlRecord("<a>&amp;lt; &lol; &#0; &#x110000; &#9999999;</a>", "a"))).toBe(
			"&lt; &lol; &#0; &#x110000; &#9999999;",
		);
	});

	it.each(["<b/>", "", "text", "<a><__proto__>x</__proto__></a>", "<a><constructor/></a>"])("refuses %s", (text) => {
		expect(() => xmlRecord(text, "a")).toThrow(Malformed);
		expect(({} as Record<string, unknown>)["x"]).toBeUndefined();
	});
});
