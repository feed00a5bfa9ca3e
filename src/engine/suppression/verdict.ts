import type { Suppression } from "#model";
import type { Statement } from "./types.ts";

/** What the statements on one finding come to. */
export interface Verdict {
	/** Null: the finding counts. */
	readonly suppression: Suppression | null;
	/** Entries that would suppress it, had they not expired. */
	readonly expired: readonly Statement[];
}

/**
 * Of VEX statements the latest counts, of equally old ones the later; it may say that the finding counts. An entry of an
 * ignore file holds whatever the VEX says: it is a decision, not a claim.
 * @param today `YYYY-MM-DD`
 */
export function judge(statements: readonly Statement[], today: string): Verdict {
	let latest: Statement | null = null;
	for (const statement of statements) {
		if (statement.kind !== "vex") continue;
		if (latest === null || (statement.time ?? -Infinity) >= (latest.time ?? -Infinity)) latest = statement;
	}
	const ignored = statements.filter(({ kind }) => kind === "ignore");
	const isOver = ({ expires }: Statement): boolean => expires !== undefined && expires < today;
	const accepted = ignored.find((statement) => !isOver(statement));
	const suppression = (latest && suppressionBy(latest)) ?? (accepted ? suppressionBy(accepted) : null);
	return { suppression, expired: suppression === null ? ignored.filter(isOver) : [] };
}

function suppressionBy(statement: Statement): Suppression | null {
	const { file, author, reason, status, justification, owner, expires } = statement;
	if (status === "affected" || status === "under_investigation") return null;
	return {
		by: author === undefined ? file : `${file} (${author})`,
		reason,
		status,
		...(justification === undefined ? {} : { justification }),
		...(owner === undefined ? {} : { owner }),
		...(expires === undefined ? {} : { expires }),
	};
}
