/** What somebody may see and do; every read of the store takes it, so that no query can forget it. */
import type { Id, WorkspaceRole } from "#contract";

export interface Sight {
	/** A platform administrator, or Plimsoll itself. */
	readonly all: boolean;
	/** Otherwise: the spaces that are visible, each with the highest role in it; public ones count as `viewer`. */
	readonly spaces: ReadonlyMap<Id, WorkspaceRole>;
}

export const seesAll: Sight = { all: true, spaces: new Map() };
export const seesNothing: Sight = { all: false, spaces: new Map() };

const ranks: Readonly<Record<WorkspaceRole, number>> = { viewer: 0, editor: 1, admin: 2 };

export function sees(sight: Sight, spaceId: Id): boolean {
	return sight.all || sight.spaces.has(spaceId);
}

export function mayAs(sight: Sight, spaceId: Id, role: WorkspaceRole): boolean {
	if (sight.all) return true;
	const own = sight.spaces.get(spaceId);
	return own !== undefined && ranks[own] >= ranks[role];
}
