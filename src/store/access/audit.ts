import { type RawBuilder, sql } from "kysely";
import type { AuditEntry } from "#contract";
import type { AuditQuery, AuditStore } from "#server";
import type { Db } from "../database.ts";
import { orderOf, type Sorts } from "../paging/keyset.ts";
import { pageOf } from "../paging/page.ts";
import { searched } from "../paging/text.ts";

const sorts: Sorts = { at: [{ by: sql`a.id`, type: "bigint" }] };

/** Entries are added, never changed. */
export function auditStore(db: Db): AuditStore {
	return {
		append: async ({ userId, actor, via, action, subject, outcome, details, address }) => {
			await db
				.insertInto("audit_log")
				.values((tx) => ({
					// Somebody who deletes himself is gone already.
					user_id: userId === null ? null : tx.selectFrom("users").select("id").where("id", "=", userId),
					actor,
					via,
					action,
					subject: storable(subject),
					outcome,
					details: JSON.stringify(details, (_, value: unknown) =>
						typeof value === "string" ? storable(value) : value,
					),
					address,
				}))
				.execute();
		},
		list: (query) => {
			const listing = {
				id: sql`a.id`,
				from: sql`audit_log a`,
				sortFrom: sql``,
				where: conditions(query),
				order: orderOf(sorts, "-at"),
			};
			return pageOf(db, query, listing, async (ids) => {
				const rows = await db.selectFrom("audit_log").selectAll().where("id", "in", ids).execute();
				return new Map(
					rows.map(({ id, at, actor, via, action, subject, outcome, details, address }) => [
						id,
						{
							id,
							at: at.toISOString(),
							actor,
							via,
							action,
							subject,
							outcome,
							details: details as AuditEntry["details"],
							address,
						},
					]),
				);
			});
		},
	};
}

function conditions({ actor, action, subject, since, until }: AuditQuery): RawBuilder<boolean>[] {
	const where: RawBuilder<boolean>[] = [];
	if (actor !== undefined) where.push(sql<boolean>`lower(a.actor) = lower(${searched(actor)})`);
	if (action !== undefined) where.push(sql<boolean>`starts_with(a.action, ${searched(action)})`);
	if (subject !== undefined) where.push(sql<boolean>`a.subject = ${searched(subject)}`);
	if (since !== undefined) where.push(sql<boolean>`a.at >= ${since}::timestamptz`);
	if (until !== undefined) where.push(sql<boolean>`a.at < ${until}::timestamptz`);
	return where;
}

/** What PostgreSQL's text cannot hold: an entry must not be lost for it. */
function storable(text: string): string {
	return text.replaceAll("\0", "\u2400").toWellFormed();
}
