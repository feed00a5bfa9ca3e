/** Small files out of a tar archive as it streams by, one at a time. */
import { defaultLimits } from "../image/limits.ts";
import { TarReader } from "../image/tar/tar.ts";
import { Malformed } from "./json.ts";

export interface TarFile {
	readonly name: string;
	readonly content: Uint8Array;
}

/** A larger file is no single record of a feed. */
const mostBytes = 64 * 1024 * 1024;

/** Throws `Malformed` when the archive is none, or ends early. */
export async function* tarFiles(
	archive: AsyncIterable<Uint8Array>,
	wants: (path: string) => boolean,
): AsyncGenerator<TarFile> {
	let ready: TarFile[] = [];
	const reader = new TarReader(
		{
			entry: ({ kind, path, stored }) => {
				if (kind !== "file" || stored > mostBytes || !wants(path)) return null;
				const content = new Uint8Array(stored);
				let filled = 0;
				return {
					write: (chunk) => {
						content.set(chunk, filled);
						filled += chunk.length;
					},
					end: () => void ready.push({ name: path, content }),
				};
			},
			problem: () => undefined,
		},
		{ ...defaultLimits, entries: 2_000_000 },
	);
	for await (const chunk of archive) {
		reader.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length));
		yield* ready;
		ready = [];
		if (reader.status !== "reading") break;
	}
	if (reader.status === "malformed" || reader.status === "limit") throw new Malformed(reader.reason);
	if (!reader.finish()) throw new Malformed("it ends early");
	yield* ready;
}
