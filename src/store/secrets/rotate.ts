import type { Db } from "../database.ts";
import type { SecretBox } from "./box.ts";
import { ownerOf } from "./owner.ts";

/**
 * Encrypts everything that an older key sealed with today's key. Each row by itself, so that it may be cut off and run
 * again, by many processes. Gives how many; throws StoreError at the first that does not open.
 */
export async function reencryptAll(db: Db, box: SecretBox): Promise<number> {
	let done = 0;
	const kept = await db
		.selectFrom("registries")
		.select(["id", "credentials"])
		.where("credentials", "is not", null)
		.execute();
	for (const { id, credentials } of kept) {
		if (!credentials || !box.isOld(credentials)) continue;
		done += await db.transaction().execute(async (tx) => {
			const row = await tx
				.selectFrom("registries")
				.select("credentials")
				.where("id", "=", id)
				.forUpdate()
				.executeTakeFirst();
			if (!row?.credentials || !box.isOld(row.credentials)) return 0;
			const sealed = box.seal(box.open(row.credentials, ownerOf(id)), ownerOf(id));
			await tx.updateTable("registries").set({ credentials: sealed }).where("id", "=", id).execute();
			return 1;
		});
	}
	return done;
}
