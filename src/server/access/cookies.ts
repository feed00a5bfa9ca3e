/** The session's cookie, and no other. */

const sessionCookie = "plimsoll_session";

/**
 * Every value that a request has for the cookie. More than one means that somebody else set one too (a neighbouring
 * host can): which is ours cannot be told.
 */
export function sessionCookies(header: string | undefined): readonly string[] {
	if (!header) return [];
	const values: string[] = [];
	for (const pair of header.split(";")) {
		const at = pair.indexOf("=");
		if (at > 0 && pair.slice(0, at).trim() === sessionCookie) values.push(pair.slice(at + 1).trim());
	}
	return values;
}

/** `SameSite=Strict` keeps other sites from using it, `HttpOnly` scripts from reading it; no `Domain`: this host alone. */
export function setSessionCookie(secret: string, seconds: number, secure: boolean): string {
	return `${sessionCookie}=${secret}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure ? "; Secure" : ""}`;
}

export function clearSessionCookie(secure: boolean): string {
	return setSessionCookie("", 0, secure);
}
