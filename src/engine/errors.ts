/** Everything that can stop the engine. Broken or hostile image content does not: it becomes a warning in the report. */
export const engineErrorCodes = [
	"reference_malformed",
	"target_not_found",
	"target_unrecognised",
	"registry_unreachable",
	"registry_tls",
	"address_refused",
	"registry_unauthorized",
	"registry_not_found",
	"registry_rate_limited",
	"registry_failed",
	"credentials_unusable",
	"manifest_unsupported",
	"platform_not_found",
	"image_malformed",
	"digest_mismatch",
	"blob_truncated",
	"advisories_missing",
	"advisories_malformed",
	"advisories_source_unusable",
	"advisories_download_failed",
	"advisories_busy",
	"advisories_unwritable",
	"advisories_too_old",
	"advisories_downgrade",
	"advisories_unsigned",
	"key_unusable",
	"target_unwritable",
	"suppression_malformed",
	"aborted",
] as const;

/** Explained, with exit codes and what to do, in docs/errors.md. */
export type EngineErrorCode = (typeof engineErrorCodes)[number];

/** An error for people: `message` says what happened and why, `hint` what to do about it. */
export class EngineError extends Error {
	readonly code: EngineErrorCode;
	readonly hint: string;

	constructor(code: EngineErrorCode, message: string, hint: string, cause?: unknown) {
		super(message, cause === undefined ? undefined : { cause });
		this.name = "EngineError";
		this.code = code;
		this.hint = hint;
	}
}
