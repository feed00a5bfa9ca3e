import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { instructionOf } from "../instruction.ts";
import { printable } from "../printable.ts";
import { cut, hanging, row, widthOf, wrap } from "./layout.ts";

const anyText = fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }), fc.string());

describe("printable", () => {
	it.each([
		["plain text", "plain text"],
		["two  spaces\tand\na line", "two spaces and a line"],
		["\u001b[31mred", "\\x1b[31mred"],
		["\u009b31m", "\\x9b31m"],
		["a\u202eb", "a\\u202eb"],
		["\u{e0041}tag", "\\u{e0041}tag"],
		["lone \ud800 surrogate", "lone \ufffd surrogate"],
		["漢字 é 👍", "漢字 é 👍"],
	])("%j becomes %j", (text, expected) => {
		expect(printable(text)).toBe(expected);
	});

	it("gives one harmless line, whatever comes", () => {
		fc.assert(fc.property(anyText, (text) => !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(printable(text))));
	});

	it("changes nothing the second time", () => {
		fc.assert(fc.property(anyText, (text) => printable(printable(text)) === printable(text)));
	});
});

describe("layout", () => {
	it("wraps without losing a character and stays within the width", () => {
		fc.assert(
			fc.property(anyText.map(printable), fc.integer({ min: 8, max: 60 }), (text, width) => {
				const lines = wrap(text, width);
				expect(lines.join("").replaceAll(" ", "")).toBe(text.replaceAll(" ", ""));
				for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(width);
			}),
		);
	});

	it("cuts to the width and shows the cut", () => {
		fc.assert(
			fc.property(anyText.map(printable), fc.integer({ min: 2, max: 60 }), (text, width) => {
				const short = cut(text, width, "…");
				expect(widthOf(short)).toBeLessThanOrEqual(width);
				if (short !== text) expect(short.endsWith("…")).toBe(true);
			}),
		);
	});

	it("keeps the columns of a row where a cell needs several lines", () => {
		const lines = row(
			[
				{ text: "a-very-long-identifier", width: 10 },
				{ text: "high", width: 6, paint: (text) => `<${text}>` },
				{ text: "7", width: 3, align: "right" },
			],
			2,
		);
		expect(lines).toEqual(["  a-very-lon  <high>      7", "  g-identifi", "  er"]);
	});

	it("indents what follows", () => {
		expect(hanging("  - ", "one two three", 12)).toEqual(["  - one two", "    three"]);
	});
});

describe("instructionOf", () => {
	it.each([
		["/bin/sh -c #(nop) ADD file:1 in / ", "ADD file:1 in /"],
		['/bin/sh -c #(nop)  CMD ["sh"]', 'CMD ["sh"]'],
		["/bin/sh -c apt-get update", "RUN apt-get update"],
		["RUN /bin/sh -c set -eux; \tapk add curl # buildkit", "RUN set -eux; apk add curl"],
		["RUN |2 A=1 B=2 /bin/sh -c make # buildkit", "RUN make"],
		["|1 A=b /bin/sh -c make", "RUN make"],
		["COPY a b # buildkit", "COPY a b"],
		["RUN /bin/bash -c true", "RUN /bin/bash -c true"],
		["", ""],
	])("%j is %j", (createdBy, expected) => {
		expect(instructionOf(createdBy)).toBe(expected);
	});
});
