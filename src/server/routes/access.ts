import type { App } from "../app.ts";
import { type AuditRoutesDeps, auditRoutes } from "./audit.ts";
import { meRoutes } from "./me.ts";
import { type SessionRoutesDeps, sessionRoutes } from "./sessions.ts";
import { tokenRoutes } from "./tokens.ts";
import { userRoutes } from "./users.ts";
import { workspaceMemberRoutes } from "./workspace-members.ts";
import { workspaceSpaceRoutes } from "./workspace-spaces.ts";
import { workspaceRoutes } from "./workspaces.ts";

export type AccessRoutesDeps = SessionRoutesDeps & AuditRoutesDeps;

/** Who there is, and what they may. */
export function accessRoutes(app: App, deps: AccessRoutesDeps): void {
	sessionRoutes(app, deps);
	meRoutes(app, deps);
	userRoutes(app, deps);
	workspaceRoutes(app, deps);
	workspaceMemberRoutes(app, deps);
	workspaceSpaceRoutes(app, deps);
	tokenRoutes(app, deps);
	auditRoutes(app, deps);
}
