/** Whom the server runs as: PostgreSQL refuses root. */
import { readFile } from "node:fs/promises";

export interface Owner {
	readonly uid: number;
	readonly gid: number;
}

/** `nobody` on Linux, where there is no better one. */
const nobody: Owner = { uid: 65_534, gid: 65_534 };

/** Null when we are not root: then it runs as we do. Else the user `plimsoll` or `postgres` where there is one. */
export async function serverOwner(): Promise<Owner | null> {
	if (process.getuid?.() !== 0) return null;
	const passwd = await readFile("/etc/passwd", "utf8").catch(() => "");
	for (const name of ["plimsoll", "postgres"]) {
		const [, , uid, gid] =
			passwd
				.split("\n")
				.find((line) => line.startsWith(`${name}:`))
				?.split(":") ?? [];
		if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
	}
	return nobody;
}
