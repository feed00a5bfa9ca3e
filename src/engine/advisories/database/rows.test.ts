import fc from "fast-check";
import { expect, it } from "vitest";
import type { Advisory, Affected, SeverityVector } from "#model";
import { decodeAdvisory, decodeAffected, encodeAdvisory, encodeAffected } from "./rows.ts";

const text = fc.string({ unit: "grapheme", minLength: 1 });
const texts = fc.array(text, { maxLength: 3 });
const vectors = fc.array(
	fc.record(
		{ type: fc.constantFrom<SeverityVector["type"]>("CVSS_V2", "CVSS_V3", "CVSS_V4"), vector: text },
		{ noNullPrototype: true },
	),
	{ minLength: 1, maxLength: 3 },
);
const event = fc.oneof(
	text.map((introduced) => ({ introduced })),
	text.map((fixed) => ({ fixed })),
	text.map((lastAffected) => ({ lastAffected })),
	text.map((limit) => ({ limit })),
);

it("gives every advisory back", () => {
	const advisory: fc.Arbitrary<Advisory> = fc.record(
		{
			id: text,
			modified: text,
			published: text,
			summary: text,
			severityWord: text,
			aliases: texts,
			upstream: texts,
			related: texts,
			references: texts,
			severity: vectors,
		},
		{
			noNullPrototype: true,
			requiredKeys: ["id", "modified", "aliases", "upstream", "related", "references", "severity"],
		},
	);
	fc.assert(
		fc.property(advisory, (one) => {
			expect(decodeAdvisory(one.id, one.modified, encodeAdvisory(one))).toStrictEqual(one);
		}),
	);
});

it("gives every affected package back", () => {
	const range = fc.record(
		{
			type: fc.constantFrom<"SEMVER" | "ECOSYSTEM">("SEMVER", "ECOSYSTEM"),
			events: fc.array(event, { minLength: 1, maxLength: 4 }),
		},
		{ noNullPrototype: true },
	);
	const affected: fc.Arbitrary<Affected> = fc.record(
		{
			ecosystem: text,
			name: text,
			versions: texts,
			severityWord: text,
			severity: vectors,
			ranges: fc.array(range, { maxLength: 3 }),
		},
		{ noNullPrototype: true, requiredKeys: ["ecosystem", "name", "ranges", "versions"] },
	);
	fc.assert(
		fc.property(affected, (one) => {
			expect(decodeAffected(one.ecosystem, one.name, encodeAffected(one))).toStrictEqual(one);
		}),
	);
});
