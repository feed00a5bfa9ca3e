/** What parent and child tell each other. Secrets (`job.access`) go this way only: never by argument or environment. */
import type { ImageOutcome, ScannerEvent, ScannerFailure, ScannerJob } from "#engine";

export type ToChild = { readonly type: "scan"; readonly job: ScannerJob } | { readonly type: "kept" };

export type FromChild =
	| { readonly type: "ready" }
	| { readonly type: "event"; readonly event: ScannerEvent }
	/** The child waits for `kept` before it sends the next. */
	| { readonly type: "image"; readonly outcome: ImageOutcome }
	| { readonly type: "memory"; readonly bytes: number }
	| { readonly type: "done" }
	| { readonly type: "failed"; readonly failure: ScannerFailure };
