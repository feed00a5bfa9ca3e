/** Whatever is thrown, as a problem document: never a stack, a path of this machine, or a secret. */
import { STATUS_CODES } from "node:http";
import type { Problem } from "#contract";
import { ServerError, type ServerErrorCode, serverErrors } from "./errors.ts";

interface Refused {
	readonly statusCode?: number;
	readonly validation?: readonly { readonly instancePath: string; readonly message?: string }[];
	readonly validationContext?: string;
}

export function problemOf(error: unknown): Problem {
	if (error instanceof ServerError) return problem(error.code, error.message, error.hint);
	const { statusCode = 500, validation, validationContext } = (error ?? {}) as Refused;
	if (validation) {
		const errors = validation.map(({ instancePath, message = "is not what it should be" }) => ({
			path: `${validationContext ?? ""}${instancePath}`,
			message,
		}));
		const detail = `The request is not of the right form: ${errors
			.map(({ path, message }) => `${path} ${message}`)
			.slice(0, 3)
			.join("; ")}.`;
		return { ...problem("invalid_request", detail, "Correct the fields named in `errors`."), errors };
	}
	if (statusCode === 413) return problem("too_large", "The request is larger than 1 MiB.", "Send less at once.");
	if (statusCode === 415)
		return problem("unsupported_media_type", "The request's body is not JSON.", "Send it as application/json.");
	if (statusCode === 429)
		return problem("too_many_requests", "Too many requests in a short time.", "Wait as long as Retry-After says.");
	if (statusCode >= 400 && statusCode < 500)
		return problem("invalid_request", "The request cannot be read.", "Check its address and that its body is JSON.");
	return problem(
		"internal",
		"Something went wrong in Plimsoll itself.",
		"Try again; if it stays, look into the server's log.",
	);
}

function problem(code: ServerErrorCode, detail: string, hint: string): Problem {
	const status = serverErrors[code];
	return { type: `urn:plimsoll:error:${code}`, title: STATUS_CODES[status] ?? "Error", status, detail, code, hint };
}
