/** Makes a failing input smaller: blocks are left out, larger ones first, as long as it still fails in the same way. */

export interface Minimising {
	readonly stillFails: (input: Uint8Array) => Promise<boolean>;
	/** Runs at most. */
	readonly tries: number;
}

export async function minimised(input: Uint8Array, { stillFails, tries }: Minimising): Promise<Uint8Array> {
	let smallest = input;
	let left = tries;
	for (let size = Math.ceil(input.length / 2); size >= 1 && left > 0; ) {
		let shrunk = false;
		for (let at = 0; at < smallest.length && left > 0; ) {
			const shorter = Buffer.concat([smallest.subarray(0, at), smallest.subarray(at + size)]);
			left -= 1;
			if (await stillFails(shorter)) {
				smallest = shorter;
				shrunk = true;
			} else at += size;
		}
		if (size === 1 && !shrunk) break;
		if (!shrunk || size > smallest.length) size = Math.floor(Math.min(size, smallest.length) / 2);
	}
	return smallest;
}
