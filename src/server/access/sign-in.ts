/** From a name and a password to a session. Whoever guesses learns nothing from the answer, its words or its time. */
import type { Id } from "#contract";
import { ServerError } from "../errors.ts";
import type { AccessStore, Account } from "../ports/access.ts";
import { hashPassword, inTurn, isWeakHash, passwordMatches } from "./passwords.ts";
import { csrfTokenOf, newSessionSecret, secretHash } from "./secrets.ts";

export interface SignedIn {
	readonly account: Account;
	readonly secret: string;
	readonly csrfToken: string;
	readonly expiresAt: Date;
}

/** Who tried, when it was somebody: for the audit log, not for the answer. */
export interface Refused {
	readonly userId: Id | null;
	readonly username: string | null;
	readonly pauseSeconds: number;
}

export async function signIn(
	store: AccessStore,
	{ username, password }: { readonly username: string; readonly password: string },
	address: string,
): Promise<SignedIn | Refused> {
	const account = await store.account(username);
	const { matches, pauseSeconds } = await tryPassword(store, account, username, password, address);
	if (matches && account) {
		const secret = newSessionSecret();
		const csrfToken = csrfTokenOf(secret);
		const session = { secretHash: secretHash(secret), csrfHash: secretHash(csrfToken), address };
		const expiresAt = await store.openSession({ ...account, ...session });
		if (expiresAt) {
			if (isWeakHash(account.passwordHash))
				await store.rehashPassword(account.userId, account.passwordHash, await hashPassword(password));
			return { account, secret, csrfToken, expiresAt };
		}
	}
	return { userId: account?.userId ?? null, username: account?.username ?? null, pauseSeconds };
}

/**
 * Holds a password against an account, and counts when it is wrong. While there is a pause no password is looked at, the
 * right one neither: a guess in it would tell.
 */
export async function tryPassword(
	store: AccessStore,
	account: Account | null,
	username: string,
	password: string,
	address: string,
): Promise<{ readonly matches: boolean; readonly pauseSeconds: number }> {
	const pauseSeconds = await store.signInPause(username, address);
	if (pauseSeconds > 0) return { matches: false, pauseSeconds };
	return inTurn(async () => {
		// Others may have failed while this one waited for its turn.
		const pauseSeconds = await store.signInPause(username, address);
		if (pauseSeconds > 0) return { matches: false, pauseSeconds };
		const matches = await passwordMatches(account && !account.disabled ? account.passwordHash : null, password);
		if (matches) await store.signInWorked(username);
		else await store.signInFailed(username, address);
		return { matches, pauseSeconds: 0 };
	});
}

export function tooManyTries(seconds: number): ServerError {
	return new ServerError(
		"too_many_requests",
		"There were too many failed attempts to sign in.",
		`Wait ${seconds} s, then try again.`,
	);
}

export function wrongPassword(): ServerError {
	return new ServerError("unauthenticated", "The user name or the password is wrong.", "Check both and try again.");
}
