import { type RawBuilder, sql } from "kysely";
import type { Sight } from "#server";

/** Whether somebody sees what is in this space. Every query of the catalog has it. */
export function visible(sight: Sight, space: RawBuilder<unknown>): RawBuilder<boolean> {
	return sight.all ? sql<boolean>`true` : sql<boolean>`${space} = ANY(${[...sight.spaces.keys()]}::bigint[])`;
}
