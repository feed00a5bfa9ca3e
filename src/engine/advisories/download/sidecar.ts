import { readFile, rename, writeFile } from "node:fs/promises";

/** What a server said of a file, kept beside it as `<file>.json` so that a later process can go on. */
export interface Sidecar {
	readonly url: string;
	readonly etag: string | null;
	readonly lastModified: string | null;
	/** What may stand in `If-Range`; null when a part cannot be continued. */
	readonly validator: string | null;
	/** Bytes of the whole file; null when the server does not tell. */
	readonly length: number | null;
	/** Whether the file itself is there; otherwise at most its `.part`. */
	readonly complete: boolean;
}

/** Null when there is none for this URL, or it cannot be read: the file is then fetched anew. */
export async function readSidecar(file: string, url: URL): Promise<Sidecar | null> {
	try {
		const json: unknown = JSON.parse(await readFile(`${file}.json`, "utf8"));
		return isSidecar(json) && json.url === url.href ? json : null;
	} catch {
		return null;
	}
}

export async function writeSidecar(file: string, sidecar: Sidecar): Promise<void> {
	await writeFile(`${file}.json.new`, JSON.stringify(sidecar));
	await rename(`${file}.json.new`, `${file}.json`);
}

function isSidecar(json: unknown): json is Sidecar {
	if (typeof json !== "object" || json === null) return false;
	const { url, etag, lastModified, validator, length, complete } = json as Record<keyof Sidecar, unknown>;
	const texts = [etag, lastModified, validator].every((field) => field === null || typeof field === "string");
	const count = length === null || (Number.isSafeInteger(length) && (length as number) >= 0);
	return typeof url === "string" && texts && count && typeof complete === "boolean";
}
