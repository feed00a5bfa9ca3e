import type { AccessStore } from "#server";
import type { Db } from "../database.ts";
import { sessionStore } from "./sessions.ts";
import { sightStore } from "./sight.ts";
import { tokenStore } from "./tokens.ts";
import { userStore } from "./users.ts";
import { workspaceStore } from "./workspaces.ts";

export function accessStore(db: Db): AccessStore {
	return {
		...sessionStore(db),
		...userStore(db),
		...workspaceStore(db),
		...tokenStore(db),
		...sightStore(db),
	};
}
