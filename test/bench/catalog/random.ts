/** Numbers that look random and are the same in every run. */
export interface Random {
	/** From 0 up to, and without, `below`. */
	integer(below: number): number;
	/** Small ones often, large ones seldom: the ranks of things that are used again and again. */
	rank(below: number): number;
	chance(share: number): boolean;
	hex(digits: number): string;
}

/** Mulberry32. */
export function seeded(seed: number): Random {
	let state = seed >>> 0;
	const next = (): number => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
	const hex = (digits: number): string => {
		let text = "";
		while (text.length < digits)
			text += Math.floor(next() * 2 ** 32)
				.toString(16)
				.padStart(8, "0");
		return text.slice(0, digits);
	};
	return {
		integer: (below) => Math.floor(next() * below),
		rank: (below) => Math.floor(below * next() ** 3),
		chance: (share) => next() < share,
		hex,
	};
}
