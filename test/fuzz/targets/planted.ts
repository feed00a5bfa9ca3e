/** Parsers with known faults: the fuzzer's own tests ask whether it finds them. */
import { jsonTexts, textOf, texts } from "../inputs.ts";
import { Broken, type FuzzTarget } from "../target.ts";

const seed = (): readonly Uint8Array[] => texts("a well-formed text: 12");

export const plantedTargets: readonly FuzzTarget[] = [
	{
		name: "planted/throws",
		seeds: seed,
		words: ["MAGIC"],
		run(input) {
			if (textOf(input).includes("MAGIC")) throw new TypeError("planted");
		},
	},
	{
		name: "planted/breaks",
		seeds: () => jsonTexts({ a: [1, 2, 3] }),
		format: "json",
		run(input) {
			if (/"a":\[[^\]]*"[^"]+"/.test(textOf(input))) throw new Broken("planted");
		},
	},
	{
		// Only who looks at the coverage gets through six letters in a row.
		name: "planted/steps",
		seeds: () => texts("......"),
		words: ["F", "U", "Z", "E", "D"],
		mostBytes: 16,
		run(input) {
			if (input[0] !== 0x46) return;
			if (input[1] !== 0x55) return;
			if (input[2] !== 0x5a) return;
			if (input[3] !== 0x5a) return;
			if (input[4] !== 0x45) return;
			if (input[5] === 0x44) throw new Error("planted");
		},
	},
	{
		name: "planted/hangs",
		seeds: seed,
		mostBytes: 64,
		run(input) {
			while (input.length > 40) if (input.length === 0) return;
		},
	},
	{
		name: "planted/slow",
		seeds: seed,
		mostBytes: 64,
		run(input) {
			const end = performance.now() + (input.length > 40 ? 700 : 0);
			while (performance.now() < end) if (input.length === 0) return;
		},
	},
	{
		name: "planted/memory",
		seeds: seed,
		mostBytes: 64,
		async run(input) {
			if (input.length <= 40) return;
			const held: Uint8Array[] = [];
			for (let mebibytes = 0; mebibytes < 1600; mebibytes += 16) {
				held.push(new Uint8Array(16 * 1024 * 1024).fill(1));
				await new Promise((resolve) => setTimeout(resolve, 1));
			}
			if (held.length === 0) throw new Error("kept");
		},
	},
	{
		name: "planted/sound",
		seeds: seed,
		run: () => undefined,
	},
];
