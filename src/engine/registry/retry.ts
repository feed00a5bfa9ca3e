import { EngineError } from "../errors.ts";
import { aborted, type Pacing } from "./deps.ts";
import { RequestFailure } from "./failure.ts";

/** Five tries wait 0.5 + 1 + 2 + 4 s: long enough for a registry's restart behind a load balancer, short for a typo. */
const maxAttempts = 5;
/** A mirror has the registry behind it: not worth a long wait. */
export const mirrorAttempts = 2;
const firstDelay = 500;
const maxDelay = 10_000;
/** When a registry asks for more than a minute, people are told instead of being kept waiting. */
const maxRetryAfter = 60_000;
/** In all, for one request. */
const maxTotal = 180_000;

/** Runs `attempt` until it works, fails for good, or has failed too often; then throws the last failure. */
export async function retrying<T>(
	attempt: () => Promise<T>,
	pacing: Pacing,
	signal: AbortSignal,
	attempts = pacing.attempts ?? maxAttempts,
): Promise<T> {
	let waited = 0;
	for (let failures = 1; ; failures++) {
		try {
			return await attempt();
		} catch (thrown) {
			const delay = failures < attempts ? delayAfter(thrown, failures, pacing) : null;
			if (delay === null || waited + delay > maxTotal) throw thrown;
			waited += delay;
			await pause(delay, pacing, signal);
		}
	}
}

/** Milliseconds to wait after the n-th failure in a row; null when trying again is of no use. */
export function delayAfter(thrown: unknown, failures: number, pacing: Pacing): number | null {
	if (!(thrown instanceof RequestFailure) || !thrown.transient) return null;
	if (thrown.retryAfter !== null) return thrown.retryAfter > maxRetryAfter ? null : thrown.retryAfter;
	const full = Math.min(maxDelay, firstDelay * 2 ** (failures - 1));
	// Half fixed, half random: clients that failed together do not come back together.
	return full / 2 + (full / 2) * pacing.random();
}

/** Waits, and fails with `aborted` when the signal says so. */
export async function pause(milliseconds: number, pacing: Pacing, signal: AbortSignal): Promise<void> {
	try {
		await pacing.sleep(milliseconds, signal);
	} catch (thrown) {
		throw signal.aborted ? aborted(signal) : thrown;
	}
	if (signal.aborted) throw aborted(signal);
}

/** True for the error that `aborted` makes. */
export function isAborted(thrown: unknown): boolean {
	return thrown instanceof EngineError && thrown.code === "aborted";
}
