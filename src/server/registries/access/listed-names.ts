/** Repositories that an administrator listed, in pages like a catalog's. `next` is how many came before. */
const pageSize = 1000;

export interface NamePage {
	readonly names: readonly string[];
	readonly next: string | null;
}

export async function* listedNames(
	names: readonly string[],
	from: string | null,
): AsyncGenerator<NamePage, void, void> {
	let at = /^\d{1,9}$/.test(from ?? "") ? Number(from) : 0;
	do {
		const end = at + pageSize;
		yield { names: names.slice(at, end), next: end < names.length ? String(end) : null };
		at = end;
	} while (at < names.length);
}
