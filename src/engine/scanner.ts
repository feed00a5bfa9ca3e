/** What every scanner can do, whoever wrote it: ours in a process of its own, Trivy, Clair, another registry's. */
import type { Digest, Report } from "#model";
import type { ImageContents } from "./image-contents.ts";

/** One image, or the children of one index, in one repository. */
export interface ScannerJob {
	/** For messages and logs. */
	readonly id: string;
	/** How the registry is reached, secrets included: plain data that only the scanner's connector understands. */
	readonly access: unknown;
	readonly repository: string;
	/** The index, or the image itself. */
	readonly root: Digest;
	/** The images that are wanted: children of the root, or the root alone. */
	readonly images: readonly Digest[];
}

export type ScannerEvent =
	/** Compressed bytes of layers. */
	| { readonly type: "progress"; readonly bytesDone: number; readonly bytesTotal: number }
	/** What a person wants to read in the scan's log. */
	| { readonly type: "log"; readonly level: "info" | "warning" | "error"; readonly message: string };

/** Why there is no result. `code` is an EngineErrorCode, or one of the scanner's own. */
export interface ScannerFailure {
	readonly code: string;
	readonly message: string;
	readonly hint: string;
}

/** What became of one image: what it holds, to be judged by our advisories; another scanner's verdict; or nothing. */
export type ImageOutcome =
	| { readonly kind: "contents"; readonly digest: Digest; readonly contents: ImageContents }
	| { readonly kind: "report"; readonly digest: Digest; readonly report: Report }
	| { readonly kind: "failed"; readonly digest: Digest; readonly failure: ScannerFailure };

export interface ScannerDeps {
	/** Aborting ends the scan within a second, whatever it is doing. */
	readonly signal: AbortSignal;
	readonly onEvent: (event: ScannerEvent) => void;
	/** Called once an image that was asked for, as soon as it is known; the next one waits until it is kept. */
	readonly onImage: (outcome: ImageOutcome) => Promise<void>;
}

export interface ScannerHealth {
	readonly ok: boolean;
	readonly reason: string | null;
}

export interface Scanner {
	/** `builtin`, `trivy`: what scans are asked for by. */
	readonly id: string;
	/** @throws ScannerError when nothing can be said of any image that was not told yet */
	scan(job: ScannerJob, deps: ScannerDeps): Promise<void>;
	health(): Promise<ScannerHealth>;
	close(): Promise<void>;
}

/**
 * `died`: the process that scanned ended by itself or was killed by somebody else; the image may be the reason, or not.
 * `final`: trying again ends the same way.
 */
export class ScannerError extends Error {
	readonly code: string;
	readonly hint: string;
	readonly kind: "died" | "stopped" | "final" | "transient";
	constructor(kind: ScannerError["kind"], failure: ScannerFailure, cause?: unknown) {
		super(failure.message, cause === undefined ? undefined : { cause });
		this.name = "ScannerError";
		this.kind = kind;
		this.code = failure.code;
		this.hint = failure.hint;
	}
}

/** Codes of what may be gone in a while: the registry's troubles, and the network's. */
const passingCodes: ReadonlySet<string> = new Set([
	"registry_unreachable",
	"registry_rate_limited",
	"registry_failed",
	"blob_truncated",
]);

export function isPassing(code: string): boolean {
	return passingCodes.has(code);
}
