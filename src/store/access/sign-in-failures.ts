/** Guesses are slowed down by user name and by address, whatever process of ours they are sent to. */
import { createHash } from "node:crypto";
import { isIPv6 } from "node:net";
import { sql } from "kysely";
import type { Db } from "../database.ts";

/** Failures that cost nothing: people mistype, and a whole office may share an address. */
const freeByName = 5;
const freeByAddress = 20;
/** Seconds; the pause doubles with each failure, up to what still lets people in within a coffee. */
const firstPause = 30;
const longestPause = 900;
/** So long after the last one all failures are forgotten. */
const memory = sql`interval '1 hour'`;

export interface SignInFailures {
	readonly pause: (username: string, address: string) => Promise<number>;
	readonly count: (username: string, address: string) => Promise<void>;
	readonly forget: (username: string) => Promise<void>;
	readonly prune: () => Promise<number>;
}

export function signInFailures(db: Db): SignInFailures {
	return {
		pause: async (username, address) => {
			const subjects = [nameKey(username), addressKey(address)];
			const { rows } = await sql<{ seconds: number }>`
				SELECT coalesce(ceil(extract(epoch FROM max(locked_until) - now())), 0)::int AS seconds
				FROM sign_in_failures WHERE subject IN (${sql.join(subjects)})`.execute(db);
			return Math.max(0, rows[0]?.seconds ?? 0);
		},
		// Two statements of their own: a transaction over both could wait for another that waits for it.
		count: async (username, address) => {
			await countOne(db, nameKey(username), freeByName);
			await countOne(db, addressKey(address), freeByAddress);
		},
		// The address's stay: who knows one password may not guess others without end.
		forget: async (username) => {
			await db.deleteFrom("sign_in_failures").where("subject", "=", nameKey(username)).execute();
		},
		prune: async () => {
			const { numAffectedRows = 0n } = await sql`
				DELETE FROM sign_in_failures WHERE last_at < now() - ${memory}`.execute(db);
			return Number(numAffectedRows);
		},
	};
}

async function countOne(db: Db, subject: Buffer, free: number): Promise<void> {
	const failures = sql`(CASE WHEN f.last_at < now() - ${memory} THEN 1 ELSE f.failures + 1 END)`;
	await sql`
		INSERT INTO sign_in_failures AS f (subject, failures) VALUES (${subject}, 1)
		ON CONFLICT (subject) DO UPDATE SET
			failures = ${failures},
			last_at = now(),
			locked_until = CASE WHEN ${failures} >= ${free}
				THEN now() + interval '1 second' * least(${longestPause}::float8, ${firstPause}::float8 * 2 ^ least(${failures} - ${free}, 20))
			END`.execute(db);
}

function nameKey(username: string): Buffer {
	return key(`name:${username.toLowerCase()}`);
}

/** Of IPv6 the network's half: whoever has an address has 2^64 of them. */
function addressKey(address: string): Buffer {
	return key(`address:${isIPv6(address) ? networkOf(address) : address}`);
}

function networkOf(address: string): string {
	const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address) ?? [];
	if (mapped) return mapped;
	const [left = "", right] = address.split("%")[0]?.split("::") ?? [];
	const head = left === "" ? [] : left.split(":");
	const tail = right ? right.split(":") : [];
	const zeros = right === undefined ? [] : Array.from({ length: 8 - head.length - tail.length }, () => "0");
	return [...head, ...zeros, ...tail]
		.slice(0, 4)
		.map((group) => Number.parseInt(group, 16).toString(16))
		.join(":");
}

function key(text: string): Buffer {
	return createHash("sha256").update(text, "utf8").digest();
}
