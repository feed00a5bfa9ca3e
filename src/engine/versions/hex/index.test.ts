import fc from "fast-check";
import { expect, test } from "vitest";
import {
	assertParsesAnything,
	assertTotalOrder,
	readVersionCases,
	versionCaseFailures,
} from "../../testing/version-cases.ts";
import { disagreements, firstPresent, mayAsk } from "../native-oracle.ts";
import { hex } from "./index.ts";

const cases = readVersionCases(new URL("cases.txt", import.meta.url));

const number = fc.constantFrom("0", "1", "2", "10", "20", "9007199254740993");
const identifier = fc.constantFrom("0", "1", "10", "a", "rc", "rc1", "B", "-", "0a", "dev");
const prerelease = fc
	.array(identifier, { maxLength: 3 })
	.map((list) => (list.length === 0 ? "" : `-${list.join(".")}`));
const build = fc.constantFrom("", "", "+1", "+b.2");
const threeNumbers = fc.tuple(number, number, number).map((list) => list.join("."));
const semantic = fc.tuple(threeNumbers, prerelease, build).map((parts) => parts.join(""));
const anyCount = fc
	.tuple(fc.array(number, { minLength: 1, maxLength: 5 }), prerelease, build)
	.map(([numbers, pre, meta]) => `${numbers.join(".")}${pre}${meta}`);

test("cases.txt", () => {
	expect(versionCaseFailures(hex, cases)).toEqual([]);
});

test("a total order, whatever the count of numbers", () => {
	assertTotalOrder(hex, fc.oneof(semantic, anyCount), 10_000);
});

test("parse answers any text", () => {
	assertParsesAnything(hex);
});

test("a hostile text of megabytes is refused at once", () => {
	expect(hex.parse(`1${".1".repeat(2_000_000)}`)).toBeNull();
	expect(hex.parse(`1.0.0-${"a.".repeat(2_000_000)}a`)).toBeNull();
});

test("satisfies constraints that compare", () => {
	expect(hex.satisfies?.("1.6.15", ">= 1.6.0, < 1.6.14 || = 1.6.15")).toBe(true);
	expect(hex.satisfies?.("1.7.0-rc.0", "< 1.7.0")).toBe(true);
	expect(hex.satisfies?.("x", "< 1")).toBeNull();
});

const program = `
for line <- IO.stream(:stdio, :line) do
	[a, b] = line |> String.trim_trailing("\\n") |> String.split("\\t")
	with {:ok, left} <- Version.parse(a), {:ok, right} <- Version.parse(b) do
		IO.puts(%{lt: "-1", eq: "0", gt: "1"}[Version.compare(left, right)])
	else
		:error -> IO.puts("malformed")
	end
end
`;
const elixir = firstPresent([{ command: "elixir", args: ["-e", program] }]);

test.skipIf(!mayAsk(elixir))(
	"agrees with the real Elixir on 5,000 pairs (skipped where Elixir is not installed)",
	{ timeout: 60_000 },
	() => {
		const pairs = fc.sample(fc.tuple(semantic, semantic), 5_000);
		const claims = pairs.map(([a, b]) => {
			const left = hex.parse(a);
			const right = hex.parse(b);
			return { question: `${a}\t${b}`, expected: left && right ? String(hex.compare(left, right)) : "malformed" };
		});
		expect(disagreements(elixir, claims)).toEqual([]);
	},
);
