/** The sums of all headers that can be reached from the beginning. */
export function withTarSums(input: Uint8Array): Uint8Array {
	const bytes = Buffer.from(input);
	for (let at = 0; at + 512 <= bytes.length; ) {
		if (bytes[at] === 0) {
			at += 512;
			continue;
		}
		bytes.fill(0x20, at + 148, at + 156);
		const sum = bytes.subarray(at, at + 512).reduce((total, byte) => total + byte, 0);
		bytes.write(`${sum.toString(8).padStart(6, "0")}\0 `, at + 148, "latin1");
		const size = Number.parseInt(bytes.toString("latin1", at + 124, at + 135), 8) || 0;
		at += 512 + Math.ceil(Math.min(size, bytes.length) / 512) * 512;
	}
	return bytes;
}
