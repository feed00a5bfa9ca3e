/**
 * What a pipeline reads. The numbers are a contract (DESIGN §6): a code never changes its meaning.
 * `stopped` is the shells' own convention for a program that Ctrl-C ended (128 + SIGINT), so that no pipeline takes
 * a stopped scan for a failed one, or for a clean one.
 */
export const exitCodes = {
	/** Clean of what was asked. */
	clean: 0,
	/** `--fail-on` violated, or not decidable because the scan is partial. */
	violated: 1,
	/** Wrong usage: nothing was done. */
	usage: 2,
	/** The scan failed: there is no result. */
	failed: 3,
	/** No usable advisory database, or none that is newer: an update failed. */
	noAdvisories: 4,
	/** Stopped by Ctrl-C or a signal. */
	stopped: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
