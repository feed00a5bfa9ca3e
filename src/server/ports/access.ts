/** Users, sessions, API tokens and workspaces as they are kept. Secrets come here as their SHA-256 only. */
import type {
	BoundSpace,
	Id,
	Me,
	Member,
	PageOf,
	PageQuery,
	Token,
	TokenScope,
	User,
	Workspace,
	WorkspaceRole,
} from "#contract";
import type { Sight } from "./sight.ts";

/** What signing in needs of a user. */
export interface Account {
	readonly userId: Id;
	readonly username: string;
	readonly passwordHash: string;
	readonly disabled: boolean;
	readonly mustChangePassword: boolean;
}

/** Whose request it is, by a session or token that holds now. */
export interface KnownUser {
	readonly userId: Id;
	readonly username: string;
	readonly platformAdmin: boolean;
	readonly mustChangePassword: boolean;
}

export interface NewSession {
	readonly userId: Id;
	/** That the password was held against: when it has changed since, no session is made. */
	readonly passwordHash: string;
	readonly secretHash: Buffer;
	readonly csrfHash: Buffer;
	readonly address: string | null;
}

export interface SessionStore {
	/** By name in any case. */
	account(username: string): Promise<Account | null>;
	accountOf(userId: Id): Promise<Account | null>;
	/** When it ends at the latest; null when the user or the password is another one by now. */
	openSession(session: NewSession): Promise<Date | null>;
	/** One that holds; it is used by this, and so lives longer. */
	session(secretHash: Buffer): Promise<(KnownUser & { readonly csrfHash: Buffer }) | null>;
	endSession(secretHash: Buffer): Promise<void>;
	endSessions(userId: Id): Promise<number>;
	/** Ends all sessions but one. False when `from` is no longer the password's hash. */
	changePassword(userId: Id, from: string, to: string, staying: Buffer): Promise<boolean>;
	/** The same password, hashed with more work. Nothing happens when it was changed meanwhile. */
	rehashPassword(userId: Id, from: string, to: string): Promise<void>;
	/** Seconds that nobody may sign in as this user, or from this address; 0: go ahead. */
	signInPause(username: string, address: string): Promise<number>;
	/** After each the pause may grow. Names that nobody has count like others. */
	signInFailed(username: string, address: string): Promise<void>;
	signInWorked(username: string): Promise<void>;
	/** Drops sessions and failures whose time is over. */
	pruneAccess(): Promise<number>;
}

export interface NewUser {
	readonly username: string;
	readonly passwordHash: string;
	readonly platformAdmin: boolean;
}

export interface UserChange {
	/** Set by somebody else: the user has to choose another one, and all sessions end. */
	readonly passwordHash?: string | undefined;
	readonly platformAdmin?: boolean | undefined;
	readonly disabled?: boolean | undefined;
}

/** `q` is a part of the name. */
export type NameQuery = PageQuery & { readonly q?: string | undefined };

/** What would leave no platform administrator throws `conflict`, and so does a name that is taken. */
export interface UserStore {
	/** Makes the first platform administrator, whose password is to be changed at once. False when there is one. */
	ensureAdministrator(username: string, password: string): Promise<boolean>;
	users(query: NameQuery): Promise<PageOf<User>>;
	user(id: Id): Promise<User | null>;
	createUser(user: NewUser): Promise<User>;
	changeUser(id: Id, change: UserChange): Promise<User | null>;
	deleteUser(id: Id): Promise<boolean>;
}

/** Who looks at workspaces: somebody who sees all of them, or a user, perhaps by a token that is bound to one. */
export interface Viewer {
	readonly userId: Id;
	readonly seesAll: boolean;
	readonly workspaceId: Id | null;
}

export interface WorkspaceStore {
	workspaces(query: NameQuery, viewer: Viewer): Promise<PageOf<Workspace>>;
	workspace(id: Id, viewer: Viewer): Promise<Workspace | null>;
	/** The viewer's role in it; null when it is not there or not visible. Platform administrators are `admin` everywhere. */
	roleIn(id: Id, viewer: Viewer): Promise<WorkspaceRole | null>;
	memberships(viewer: Viewer): Promise<Me["workspaces"]>;
	createWorkspace(name: string): Promise<Workspace>;
	renameWorkspace(id: Id, name: string): Promise<boolean>;
	deleteWorkspace(id: Id): Promise<boolean>;
	members(id: Id, query: NameQuery): Promise<PageOf<Member>>;
	member(id: Id, userId: Id): Promise<Member | null>;
	/** Null when the workspace or the user is not there. */
	setMember(id: Id, userId: Id, role: WorkspaceRole): Promise<Member | null>;
	removeMember(id: Id, userId: Id): Promise<boolean>;
	boundSpaces(id: Id, query: NameQuery): Promise<PageOf<BoundSpace>>;
	boundSpace(id: Id, spaceId: Id): Promise<BoundSpace | null>;
	/** Null when the workspace or the space is not there. */
	bindSpace(id: Id, spaceId: Id): Promise<BoundSpace | null>;
	unbindSpace(id: Id, spaceId: Id): Promise<boolean>;
}

export interface NewToken {
	readonly userId: Id;
	readonly name: string;
	readonly scopes: readonly TokenScope[];
	readonly workspaceId: Id | null;
	readonly secretHash: Buffer;
	readonly expiresInDays: number;
}

export type KnownToken = KnownUser & {
	readonly scopes: readonly TokenScope[];
	readonly workspaceId: Id | null;
};

export interface TokenStore {
	tokens(userId: Id, query: PageQuery): Promise<PageOf<Token>>;
	createToken(token: NewToken): Promise<Token>;
	deleteToken(userId: Id, id: Id): Promise<boolean>;
	/** One that holds, of a user who is not disabled. */
	token(secretHash: Buffer): Promise<KnownToken | null>;
}

export interface SightStore {
	/** The spaces that a user sees, each with the highest role; with a workspace, only those bound to it. */
	spacesSeen(userId: Id, workspaceId: Id | null): Promise<Sight["spaces"]>;
	/** The highest role that a user has in a workspace, or anywhere; null: none. */
	highestRole(userId: Id, workspaceId: Id | null): Promise<WorkspaceRole | null>;
}

export type AccessStore = SessionStore & UserStore & WorkspaceStore & TokenStore & SightStore;
