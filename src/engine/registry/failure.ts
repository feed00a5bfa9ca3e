/**
 * Turns failed requests into errors for people. A `RequestFailure` knows whether trying again can help; outside this
 * folder only its `error` is seen. What a registry writes into error bodies is hostile text: capped and cleaned.
 */
import { EngineError } from "../errors.ts";

/** A failed request. */
export class RequestFailure extends Error {
	readonly error: EngineError;
	/** Trying again may help. */
	readonly transient: boolean;
	/** How long the registry asks us to wait, in milliseconds; null when it does not say. */
	readonly retryAfter: number | null;

	constructor(error: EngineError, transient = false, retryAfter: number | null = null) {
		super(error.message, { cause: error });
		this.name = "RequestFailure";
		this.error = error;
		this.transient = transient;
		this.retryAfter = retryAfter;
	}
}

/** The error to show for whatever was thrown. */
export function unwrapFailure(thrown: unknown): unknown {
	return thrown instanceof RequestFailure ? thrown.error : thrown;
}

/** What was asked for, for the words of an error. */
export interface Subject {
	readonly kind: "manifest" | "blob" | "tags" | "catalog" | "token" | "api" | "push";
	/** Empty for the catalog. */
	readonly repository: string;
	/** The tag or digest; empty for lists. */
	readonly reference: string;
	/** Credentials were sent. */
	readonly loggedIn: boolean;
}

/** The failure that a response with an error status means. `body` is the beginning of its text. */
export function responseFailure(
	host: string,
	response: Response,
	body: string,
	subject: Subject,
	now: number,
): RequestFailure {
	const { status } = response;
	const { codes, says } = readErrorBody(body);
	const retryAfter = parseRetryAfter(response.headers.get("retry-after"), now);
	if (status === 401 || status === 403) return new RequestFailure(unauthorized(host, subject, says));
	if (status === 404) return new RequestFailure(notFound(host, subject, codes, says));
	if (status === 429) return new RequestFailure(rateLimited(host, retryAfter, says), true, retryAfter);
	const transient = status >= 500 || status === 408 || status === 425;
	const error = new EngineError(
		"registry_failed",
		`${host} answered ${status} when asked for ${wording(subject)}${says}.`,
		transient ? "Try again later, or ask the registry's administrator." : "Check that this is a container registry.",
	);
	return new RequestFailure(error, transient, retryAfter);
}

/** `registry_unauthorized` in the words that fit: with and without credentials. */
export function unauthorized(host: string, subject: Subject, says = ""): EngineError {
	const what = wording(subject);
	const isPush = subject.kind === "push";
	if (isPush && !subject.loggedIn) {
		return new EngineError(
			"registry_unauthorized",
			`${host} takes pushes to ${subject.repository} only from people who are logged in${says}.`,
			`Log in to ${host} (docker login ${host}).`,
		);
	}
	return subject.loggedIn
		? new EngineError(
				"registry_unauthorized",
				`${host} refuses ${what} with the credentials that are stored for it${says}.`,
				`Log in to ${host} again, or ask for the right to ${isPush ? "push to" : "pull from"} it.`,
			)
		: new EngineError(
				"registry_unauthorized",
				`${host} does not give ${what} to people who are not logged in${says}.`,
				`Log in to ${host} (docker login ${host}). Check the name, too: registries answer so for names that do not exist.`,
			);
}

function notFound(host: string, subject: Subject, codes: readonly string[], says: string): EngineError {
	const { repository, reference } = subject;
	if (subject.kind === "push") {
		return new EngineError(
			"registry_not_found",
			`${host} has no place for ${repository}${says}.`,
			"Check the spelling. Some registries want the repository, or the project that it is in, to be made first.",
		);
	}
	const hint = subject.loggedIn
		? "Check the spelling, and that your account may see it."
		: "Check the spelling. A private repository can look missing to people who are not logged in.";
	if (codes.includes("NAME_UNKNOWN")) {
		return new EngineError("registry_not_found", `${host} has no repository ${repository}${says}.`, hint);
	}
	if (codes.includes("MANIFEST_UNKNOWN") || codes.includes("BLOB_UNKNOWN")) {
		const what = subject.kind === "blob" ? "blob" : reference.includes(":") ? "manifest" : "tag";
		return new EngineError(
			"registry_not_found",
			`The repository ${host}/${repository} has no ${what} ${reference}${says}.`,
			"Check the spelling, or list the tags of the repository.",
		);
	}
	return new EngineError("registry_not_found", `${host} does not have ${wording(subject)}${says}.`, hint);
}

function rateLimited(host: string, retryAfter: number | null, says: string): EngineError {
	const wait = retryAfter === null ? "later" : `in ${Math.ceil(retryAfter / 1000)} seconds`;
	return new EngineError(
		"registry_rate_limited",
		`${host} allows no more requests for now${says}.`,
		`Try again ${wait}; logging in, or a mirror near you, raises the limit of most registries.`,
	);
}

function wording({ kind, repository, reference }: Subject): string {
	if (kind === "catalog") return "the list of its repositories";
	if (kind === "tags") return `the tags of ${repository}`;
	if (kind === "token") return `a token for ${repository || "its catalog"}`;
	if (kind === "api") return "its API";
	if (kind === "push") return `a push to ${repository}`;
	return `${kind === "blob" ? "the blob" : "the image"} ${repository}${reference.includes(":") ? "@" : ":"}${reference}`;
}

/** Reads `{errors: [{code, message}]}` (distribution-spec, "Error Codes"), or plain text; never fails. */
function readErrorBody(body: string): { readonly codes: readonly string[]; readonly says: string } {
	const codes: string[] = [];
	const messages: string[] = [];
	try {
		const errors: unknown = JSON.parse(body)?.errors;
		for (const error of Array.isArray(errors) ? errors.slice(0, 10) : []) {
			if (typeof error?.code === "string") codes.push(error.code);
			if (typeof error?.message === "string") messages.push(error.message);
		}
	} catch {
		// Not JSON: an HTML page of some proxy, say, which would tell people little.
	}
	const text = cleanText(messages.join("; "));
	return { codes, says: text === "" ? "" : ` (it says: ${text})` };
}

/** Text from outside on one line: no control, format or bidirectional characters, at most 200 characters. */
export function cleanText(text: string): string {
	const clean = text
		.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]+/gu, " ")
		.replace(/\s+/g, " ")
		.trim();
	return clean.length > 200 ? `${clean.slice(0, 200)}…` : clean;
}

/** `Retry-After` in milliseconds from `now`: seconds or an HTTP date (RFC 9110 §10.2.3); null when it does not tell. */
function parseRetryAfter(header: string | null, now: number): number | null {
	if (header === null) return null;
	if (/^\s*\d{1,9}\s*$/.test(header)) return Number(header) * 1000;
	const date = Date.parse(header);
	return Number.isNaN(date) ? null : Math.max(0, date - now);
}
