import fc from "fast-check";

type Edit = {
	readonly at: number;
	readonly byte: number;
	readonly how: "set" | "insert" | "delete" | "cut" | "repeat";
};

const edit: fc.Arbitrary<Edit> = fc.record({
	at: fc.nat(),
	byte: fc.oneof(fc.nat(255), fc.constantFrom(0x00, 0x0a, 0x0d, 0x20, 0x22, 0x3a, 0x3d, 0x80, 0xff)),
	how: fc.constantFrom("set", "set", "insert", "delete", "cut", "repeat"),
});

/**
 * Holds `check` against 500 damaged copies of `good`, the same ones each time: bytes that were changed, added, dropped
 * or repeated, and ends that were cut off.
 */
export function assertSurvivesMutations(good: Uint8Array, check: (damaged: Uint8Array) => void): void {
	fc.assert(
		fc.property(fc.array(edit, { minLength: 1, maxLength: 6 }), (edits) => check(edits.reduce(apply, good))),
		{ seed: 20_261_123, numRuns: 500 },
	);
}

function apply(bytes: Uint8Array, { at, byte, how }: Edit): Uint8Array {
	const index = bytes.length === 0 ? 0 : at % bytes.length;
	const before = bytes.subarray(0, index);
	if (how === "cut") return before;
	if (how === "delete") return Uint8Array.from([...before, ...bytes.subarray(index + 1)]);
	if (how === "repeat") return Uint8Array.from([...bytes, ...bytes.subarray(index)]).subarray(0, 65_536);
	return Uint8Array.from([...before, byte, ...bytes.subarray(how === "set" ? index + 1 : index)]);
}
