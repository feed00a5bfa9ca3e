import { type Static, Type } from "typebox";
import { Id, Nullable, Time } from "./basics.ts";

/** In a workspace; the platform administrator stands above all workspaces. */
export const workspaceRoles = ["viewer", "editor", "admin"] as const;
export const WorkspaceRole = Type.Enum(workspaceRoles);
export type WorkspaceRole = Static<typeof WorkspaceRole>;

/** What an API token may do, at most what its user may: read, scan (and stop), administer. */
export const tokenScopes = ["read", "scan", "admin"] as const;
export const TokenScope = Type.Enum(tokenScopes);
export type TokenScope = Static<typeof TokenScope>;

const Name = Type.String({ minLength: 1, maxLength: 64, pattern: "^[A-Za-z0-9][A-Za-z0-9._@-]*$" });
const Password = Type.String({ minLength: 12, maxLength: 256 });

export const Login = Type.Object({
	username: Type.String({ maxLength: 64 }),
	password: Type.String({ maxLength: 256 }),
});
export const LoggedIn = Type.Object({
	csrfToken: Type.String({ description: "Send it as X-CSRF-Token with every request that changes something" }),
	mustChangePassword: Type.Boolean(),
	expiresAt: Time,
});

export const Me = Type.Object({
	id: Id,
	username: Type.String(),
	platformAdmin: Type.Boolean(),
	mustChangePassword: Type.Boolean(),
	workspaces: Type.Array(Type.Object({ id: Id, name: Type.String(), role: WorkspaceRole })),
	scopes: Type.Array(TokenScope),
	csrfToken: Nullable(
		Type.String({ description: "The session's, for a page that was loaded again; null for an API token" }),
	),
});
export type Me = Static<typeof Me>;

export const PasswordChange = Type.Object({ current: Type.String({ maxLength: 256 }), next: Password });

export const User = Type.Object({
	id: Id,
	username: Type.String(),
	platformAdmin: Type.Boolean(),
	disabled: Type.Boolean(),
	createdAt: Time,
	lastSeenAt: Nullable(Time),
});
export type User = Static<typeof User>;
export const UserInput = Type.Object({
	username: Name,
	password: Password,
	platformAdmin: Type.Optional(Type.Boolean()),
});
export type UserInput = Static<typeof UserInput>;
export const UserPatch = Type.Object({
	password: Type.Optional(Password),
	platformAdmin: Type.Optional(Type.Boolean()),
	disabled: Type.Optional(Type.Boolean()),
});
export type UserPatch = Static<typeof UserPatch>;

export const Workspace = Type.Object({
	id: Id,
	name: Type.String(),
	members: Type.Integer(),
	spaces: Type.Integer(),
	createdAt: Time,
});
export type Workspace = Static<typeof Workspace>;
const Label = Type.String({ minLength: 1, maxLength: 100, pattern: "^[^\\u0000-\\u001f]+$" });
export const WorkspaceInput = Type.Object({ name: Label });
export const Member = Type.Object({ userId: Id, username: Type.String(), role: WorkspaceRole });
export type Member = Static<typeof Member>;
export const MemberInput = Type.Object({ role: WorkspaceRole });
/** A space that a workspace's members see. */
export const BoundSpace = Type.Object({ id: Id, registryId: Id, registryName: Type.String(), name: Type.String() });
export type BoundSpace = Static<typeof BoundSpace>;

export const Token = Type.Object({
	id: Id,
	name: Type.String(),
	scopes: Type.Array(TokenScope),
	workspaceId: Nullable(Id),
	createdAt: Time,
	expiresAt: Time,
	lastUsedAt: Nullable(Time),
});
export type Token = Static<typeof Token>;
export const TokenInput = Type.Object({
	name: Label,
	scopes: Type.Array(TokenScope, { minItems: 1, maxItems: 3 }),
	workspaceId: Type.Optional(Id),
	expiresInDays: Type.Integer({ minimum: 1, maximum: 366 }),
});
export type TokenInput = Static<typeof TokenInput>;
/** The only time that the secret is shown. */
export const TokenMade = Type.Intersect([Token, Type.Object({ secret: Type.String() })]);

export const AuditEntry = Type.Object({
	id: Id,
	at: Time,
	actor: Nullable(Type.String({ description: "User name; null: Plimsoll itself" })),
	via: Type.Union([Type.Literal("session"), Type.Literal("token"), Type.Literal("webhook"), Type.Literal("system")]),
	action: Type.String({ description: "registry.create, scan.stop, …" }),
	subject: Type.String({ description: "What it was done to: registry/12" }),
	outcome: Type.Union([Type.Literal("done"), Type.Literal("refused"), Type.Literal("failed")]),
	details: Type.Record(Type.String(), Type.Unknown()),
	address: Nullable(Type.String()),
});
export type AuditEntry = Static<typeof AuditEntry>;
