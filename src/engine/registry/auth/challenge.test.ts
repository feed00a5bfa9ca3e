import fc from "fast-check";
import { expect, test } from "vitest";
import { parseChallenges } from "./challenge.ts";

const read = (field: string) =>
	parseChallenges(field).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);

test.each([
	["", []],
	["Basic", [["basic", {}]]],
	['Basic realm="a b"', [["basic", { realm: "a b" }]]],
	[
		'Bearer realm="https://auth.example/token",service="registry",scope="repository:a/b:pull,push"',
		[["bearer", { realm: "https://auth.example/token", service: "registry", scope: "repository:a/b:pull,push" }]],
	],
	[
		"bearer realm=https://auth.example/t?x=1, service=s",
		[["bearer", { realm: "https://auth.example/t?x=1", service: "s" }]],
	],
	[
		'Bearer realm="a", Basic realm="b"',
		[
			["bearer", { realm: "a" }],
			["basic", { realm: "b" }],
		],
	],
	[
		'Negotiate, Basic realm="b"',
		[
			["negotiate", {}],
			["basic", { realm: "b" }],
		],
	],
	[
		'Negotiate YWJj=, Bearer realm="x"',
		[
			["negotiate", {}],
			["bearer", { realm: "x" }],
		],
	],
	['Bearer REALM="a\\"b" , service = "s"', [["bearer", { realm: 'a"b', service: "s" }]]],
	['Bearer realm="a",realm="b"', [["bearer", { realm: "a" }]]],
	['Bearer realm="never closed', [["bearer", {}]]],
])("%s", (field, challenges) => {
	expect(read(field).slice(0, challenges.length)).toEqual(challenges);
});

test("any text ends, and quickly", () => {
	fc.assert(fc.property(fc.string({ maxLength: 300 }), (text) => Array.isArray(parseChallenges(text))));
	const started = performance.now();
	for (const unit of ["a=", 'a="', ",", " ", "a ", 'a="\\', "a=b "]) parseChallenges(unit.repeat(50_000));
	expect(performance.now() - started).toBeLessThan(1000);
});
