/** What an import finds in use, and whether it may take its place. */
import { inDatabase, readMeta } from "../advisories/database/reader.ts";
import { currentSnapshot } from "../advisories/database/snapshots.ts";
import type { DatabaseMeta } from "../advisories/database/writer.ts";
import { EngineError } from "../errors.ts";
import { unusable } from "./artifact.ts";
import { type DatabaseSource, folderOf } from "./database-sources.ts";

export interface Newcomer {
	/** For people. */
	readonly from: string;
	/** The folder of the advisory database. */
	readonly dir: string;
	/** Takes an older database in place of a newer one. */
	readonly allowOlder: boolean;
	readonly clock: () => Date;
}

/** Clocks differ by minutes; a day is beyond that. */
const allowedAhead = 86_400_000;

/** Refuses what would take the place of something newer, or could never be found to be old. */
export function requireNewer(
	{ builtAt, kind }: Pick<DatabaseMeta, "builtAt" | "kind">,
	source: DatabaseSource,
	{ from, dir, allowOlder, clock }: Newcomer,
): void {
	const built = Date.parse(builtAt);
	if (built > clock().getTime() + allowedAhead)
		throw unusable(
			from,
			`it says that it was built on ${builtAt.slice(0, 10)}, which is still to come by this machine's clock`,
		);
	if (allowOlder) return;
	const present = presentSnapshot(dir, source)?.meta;
	if (!present || present.kind === "starter") return;
	const why =
		kind === "starter"
			? "is only the made set for trying things out"
			: built < Date.parse(present.builtAt)
				? `was built ${builtAt}, and the one in use ${present.builtAt}`
				: null;
	if (why === null) return;
	throw new EngineError(
		"advisories_downgrade",
		`${from} ${why}: it would hide newer vulnerabilities.`,
		"Import a newer one, or give --allow-older when this is what you want.",
	);
}

/** What is in use; null when there is nothing, or nothing that can be read. */
export function presentSnapshot(dir: string, source: DatabaseSource) {
	try {
		const snapshot = currentSnapshot(folderOf(dir, source));
		return { ...snapshot, meta: inDatabase(snapshot.path, readMeta) };
	} catch (error) {
		if (error instanceof EngineError) return null;
		throw error;
	}
}
