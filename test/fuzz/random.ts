import { crc32 } from "node:zlib";

/** Pseudo-random numbers that are the same on every machine: a seed is all that is needed to repeat a run. */
export interface Random {
	/** A whole number from 0 to 2^32 - 1. */
	next(): number;
	/** A whole number from 0 to `end` - 1; 0 when `end` is 0. */
	below(end: number): number;
	/** True once in `times`. */
	once(times: number): boolean;
	pick<T>(list: readonly [T, ...T[]]): T;
	/** A number from 1 on; each next one is half as likely. */
	few(most: number): number;
}

/** sfc32, a generator by Chris Doty-Humphrey (PractRand). */
export function randomOf(seed: number): Random {
	let a = seed >>> 0;
	let b = 0x9e37_79b9;
	let c = 0x243f_6a88;
	let counter = 1;
	const next = (): number => {
		const result = (a + b + counter) >>> 0;
		counter = (counter + 1) >>> 0;
		a = b ^ (b >>> 9);
		b = (c + (c << 3)) >>> 0;
		c = (((c << 21) | (c >>> 11)) + result) >>> 0;
		return result;
	};
	for (let round = 0; round < 12; round++) next();
	const below = (end: number): number => (end <= 0 ? 0 : Math.floor((next() / 2 ** 32) * end));
	return {
		next,
		below,
		once: (times) => below(times) === 0,
		pick: (list) => list[below(list.length)] ?? list[0],
		few: (most) => {
			let count = 1;
			while (count < most && below(2) === 0) count++;
			return count;
		},
	};
}

/** Random numbers that hang on nothing but the input, so that a saved input repeats its run. */
export function randomFor(input: Uint8Array): Random {
	return randomOf(crc32(input));
}
