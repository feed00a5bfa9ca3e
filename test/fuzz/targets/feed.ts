import { inPieces } from "../../../src/engine/advisories/feed-fixture.ts";
import type { FeedItem } from "../../../src/engine/advisories/feed-types.ts";
import { EngineError, type EngineErrorCode } from "../../../src/engine/errors.ts";
import { holdFeedItem, holdSame } from "../rules.ts";
import type { FuzzTarget } from "../target.ts";

type Read = (bytes: AsyncIterable<Uint8Array>) => AsyncIterable<FeedItem>;

export interface FeedFile extends Pick<FuzzTarget, "name" | "seeds" | "words" | "format" | "mend" | "mostBytes"> {
	readonly read: Read;
}

/** A feed's file, as it streams by in pieces of any size; now and then whether their size makes a difference. */
export function feedTarget({ read, ...target }: FeedFile): FuzzTarget {
	return {
		...target,
		async run(input, random) {
			const size = Math.max(Math.ceil(input.length / 100), 1 + random.below(random.pick([2, 64, 4096, 65_536])));
			const items = await itemsOf(read, input, size);
			for (const item of items ?? []) holdFeedItem(item);
			if (random.once(4))
				holdSame(await itemsOf(read, input, Math.max(1, input.length)), items, "the same in one piece");
		},
	};
}

/** Null when the file as a whole was refused. */
async function itemsOf(read: Read, input: Uint8Array, size: number): Promise<readonly FeedItem[] | null> {
	const items: FeedItem[] = [];
	const refused = await refusal(["advisories_source_unusable"], async () => {
		for await (const item of read(inPieces(input, size))) items.push(item);
	});
	return refused ? null : items;
}

/** Whether `read` ends in one of the declared errors; any other one is thrown on. */
export async function refusal(codes: readonly EngineErrorCode[], read: () => Promise<void> | void): Promise<boolean> {
	try {
		await read();
		return false;
	} catch (error) {
		if (error instanceof EngineError && codes.includes(error.code)) return true;
		throw error;
	}
}
