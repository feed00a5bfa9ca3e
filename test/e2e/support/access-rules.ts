/** Who asks, in the table of routes, and which answer each kind of route owes to whom. */
import type { TokenScope } from "#contract";

/** Members of the workspace that the objects belong to, those of another one, and who stands above both. */
export const people = ["stranger", "foreignAdmin", "viewer", "editor", "owner", "administrator"] as const;
export type Person = (typeof people)[number];

/** Tokens: one scope each; of the workspace's admin and of the platform administrator. */
export const tokens = {
	readToken: { of: "owner", scope: "read", expired: false },
	scanToken: { of: "owner", scope: "scan", expired: false },
	adminToken: { of: "owner", scope: "admin", expired: false },
	platformReadToken: { of: "administrator", scope: "read", expired: false },
	platformAdminToken: { of: "administrator", scope: "admin", expired: false },
	expiredToken: { of: "administrator", scope: "read", expired: true },
} as const satisfies Record<string, { of: Person; scope: TokenScope; expired: boolean }>;
type TokenActor = keyof typeof tokens;

export type Actor = "anonymous" | Person | TokenActor | "withoutCsrf";
export const actors: readonly Actor[] = [
	"anonymous",
	...people,
	...(Object.keys(tokens) as TokenActor[]),
	"withoutCsrf",
];

interface Rule {
	/** That a token must have; `none`: tokens are refused; null: any will do. */
	readonly scope: TokenScope | "none" | null;
	/** What people get who may not. All others get what the row says. */
	readonly refused: Readonly<Partial<Record<Person, 403 | 404>>>;
	/** Only platform administrators. */
	readonly platform?: true;
	/** Not there for all who may not. */
	readonly hidden?: true;
	/** Needs nobody. */
	readonly open?: "anybody" | "secret";
}

const outsiders = { stranger: 404, foreignAdmin: 404 } as const;
const members = { viewer: 403, editor: 403, owner: 403 } as const;

export const rules = {
	/** No sign-in. */
	anybody: { scope: null, refused: {}, open: "anybody" },
	/** A secret of its own, in place of who asks. */
	secret: { scope: null, refused: {}, open: "secret" },
	signedIn: { scope: null, refused: {} },
	sessionOnly: { scope: "none", refused: {} },
	/** Everybody, but each sees his own. */
	list: { scope: "read", refused: {} },
	/** Objects of a space or workspace. */
	read: { scope: "read", refused: outsiders },
	scan: { scope: "scan", refused: { ...outsiders, viewer: 403 } },
	readAsAdmin: { scope: "read", refused: { ...outsiders, viewer: 403, editor: 403 } },
	admin: { scope: "admin", refused: { ...outsiders, viewer: 403, editor: 403 } },
	platformRead: { scope: "read", refused: { stranger: 403, foreignAdmin: 403, ...members }, platform: true },
	/** Of the whole platform: for who sees all of it, also with a token that only reads. */
	overview: { scope: "read", refused: { stranger: 403, foreignAdmin: 403, ...members } },
	overviewObject: { scope: "read", refused: { ...outsiders, viewer: 404, editor: 404, owner: 404 } },
	/** Platform administrators and their tokens; nobody else learns that it is there. */
	watch: { scope: "read", refused: {}, hidden: true },
	platform: { scope: "admin", refused: { stranger: 403, foreignAdmin: 403, ...members }, platform: true },
} as const satisfies Record<string, Rule>;
export type RuleName = keyof typeof rules;

/** The status that an actor gets on a route of this kind, where `ok` is what it answers to those who may. */
export function expectedStatus(name: RuleName, actor: Actor, safe: boolean, ok: number): number {
	const rule: Rule = rules[name];
	if (rule.open === "secret") return ok;
	if (actor === "expiredToken") return 401;
	if (rule.open === "anybody") return ok;
	if (rule.hidden) {
		const mayWatch = actor === "administrator" || actor === "withoutCsrf" || actor === "platformReadToken";
		return mayWatch ? ok : 404;
	}
	if (actor === "anonymous") return 401;
	if (actor === "withoutCsrf") return safe ? ok : 403;
	if (!(actor in tokens)) return rule.refused[actor as Person] ?? ok;
	const token = tokens[actor as TokenActor];
	if (rule.scope === "none") return 403;
	// A token administers the platform only with the scope for it.
	if (rule.platform && (token.of !== "administrator" || token.scope !== "admin")) return 403;
	if (rule.scope !== null && rule.scope !== token.scope) return 403;
	return rule.refused[token.of] ?? ok;
}
