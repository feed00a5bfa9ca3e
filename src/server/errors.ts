/** Errors that people read: what happened, why, what to do. Each becomes a problem document (RFC 9457). */

/** Code and HTTP status; docs/errors.md explains each. */
export const serverErrors = {
	invalid_request: 400,
	unauthenticated: 401,
	csrf_missing: 403,
	password_change_required: 403,
	forbidden: 403,
	not_found: 404,
	conflict: 409,
	gone: 410,
	too_large: 413,
	unsupported_media_type: 415,
	unprocessable: 422,
	too_many_requests: 429,
	address_refused: 422,
	registry_unreachable: 502,
	storage_full: 507,
	unavailable: 503,
	internal: 500,
} as const;
export type ServerErrorCode = keyof typeof serverErrors;

export class ServerError extends Error {
	readonly code: ServerErrorCode;
	readonly hint: string;
	/** `message` is one sentence of what and why, `hint` one of what to do. Neither ever holds a secret. */
	constructor(code: ServerErrorCode, message: string, hint: string, cause?: unknown) {
		super(message, { cause });
		this.name = "ServerError";
		this.code = code;
		this.hint = hint;
	}
	get status(): number {
		return serverErrors[this.code];
	}
}

/** The same for what is not there and for what the asker may not see: ids must not tell which. */
export function notFound(what: string): ServerError {
	return new ServerError("not_found", `There is no such ${what}.`, "Check the id; it may have been deleted.");
}

/** No route, or one whose being there is nobody's business. */
export function nothingAt(method: string, url: string): ServerError {
	return new ServerError(
		"not_found",
		`There is nothing at ${method} ${url.split("?")[0]}.`,
		"The API is described at /api/v1/openapi.json.",
	);
}

export function forbidden(what: string, needed: string): ServerError {
	return new ServerError("forbidden", `You may not ${what}.`, `That takes ${needed}; ask an administrator.`);
}
