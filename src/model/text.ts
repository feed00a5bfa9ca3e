/** Orders texts by their UTF-16 code units: the same on every machine, whatever its language. */
export function compareText(a: string, b: string): -1 | 0 | 1 {
	if (a === b) return 0;
	return a < b ? -1 : 1;
}

/** `1 package`, `2 packages`; `many` for words that do not just take an s. */
export function counted(count: number, one: string, many = `${one}s`): string {
	return `${count} ${count === 1 ? one : many}`;
}
