/** The part of `process` that signals need. */
export interface SignalledProcess {
	on(signal: "SIGINT" | "SIGTERM", listener: () => void): unknown;
	exit(code: number): void;
}

/**
 * The first SIGINT or SIGTERM stops what runs, which then cleans up. A second one changes nothing but says so: people
 * press Ctrl-C twice, and what is being cleaned up is theirs. A third one kills. With `deaf` 0 the second one kills: the
 * service loses nothing by it.
 */
export function stopOnSignals(
	process: SignalledProcess,
	say: (text: string) => void,
	killedCode: number,
	deaf: 0 | 1 = 1,
): AbortSignal {
	const stop = new AbortController();
	let signals = 0;
	const onSignal = (): void => {
		signals += 1;
		stop.abort();
		if (signals === 2 && deaf === 1) say("plimsoll: stopping, and cleaning up; once more to stop at once.\n");
		if (signals > 1 + deaf) process.exit(killedCode);
	};
	for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, onSignal);
	return stop.signal;
}
