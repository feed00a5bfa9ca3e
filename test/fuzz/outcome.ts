/** What comes of fuzzing one target. */

export type FailureKind =
	/** It threw what it does not declare. */
	| "threw"
	/** It gave what it must not give. */
	| "broke"
	| "slow"
	| "hung"
	| "memory"
	/** The process or its thread died. */
	| "crashed";

export interface Failure {
	readonly kind: FailureKind;
	/** What happened; for what was thrown, the first lines of its stack. */
	readonly message: string;
	readonly input: Uint8Array;
}

export interface Slowest {
	/** Milliseconds, the better of two tries. */
	readonly ms: number;
	readonly input: Uint8Array;
}

export interface Outcome {
	readonly target: string;
	readonly executions: number;
	readonly seconds: number;
	readonly slowest: Slowest;
	/** Inputs that reached code which none before had reached, seeds included. */
	readonly corpus: number;
	readonly peakMb: number;
	readonly failures: readonly Failure[];
}

/** An input may take this long: more than a shared machine's hiccups, less than anything quadratic takes. */
export function limitMs(bytes: number): number {
	return 500 + bytes / 128;
}

/** After this long nobody waits any more. */
export function hangMs(bytes: number): number {
	return 6 * limitMs(bytes);
}

export const mostRss = 1024 * 1024 * 1024;

/** Failures of one target that are told apart; more would only repeat them. */
export const mostFailures = 5;

/** The same for failures that most likely have one cause. */
export function shapeOf({ kind, message }: Pick<Failure, "kind" | "message">): string {
	if (kind === "slow" || kind === "hung" || kind === "memory") return kind;
	const [first = "", ...stack] = message.split("\n");
	const place = stack.find((line) => line.includes("/src/")) ?? "";
	// Behind a colon stands what the input held.
	const what = kind === "broke" ? (first.split(":")[0] ?? "") : first;
	return `${kind} ${what.slice(0, 60).replaceAll(/[\d"']+/g, "#")} ${place.replaceAll(/:\d+/g, "")}`;
}
