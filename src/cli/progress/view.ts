import type { Output } from "../context.ts";
import { oneLine } from "../errors.ts";

/** Shows how far something is. */
export interface ProgressView {
	/** `fraction` is 0 to 1; null when nobody knows. */
	show(fraction: number | null, text: string): void;
	/** A moment worth a line where lines are kept; on a terminal the bar says it. */
	milestone(text: string): void;
	/** Clears what is on the screen; results may be printed afterwards. */
	stop(): Promise<void>;
}

export interface ViewOptions {
	readonly quiet: boolean;
	readonly clock: () => Date;
}

/** A bar on a terminal, plain lines elsewhere, nothing when quiet. */
export async function createView(stderr: Output, { quiet, clock }: ViewOptions): Promise<ProgressView> {
	if (quiet) return { show: () => undefined, milestone: () => undefined, stop: async () => undefined };
	if (!stderr.isTTY) return lineView(stderr, clock);
	const { barView } = await import("./bar.ts");
	return barView(stderr);
}

/** Long silences make people think that a pipeline hangs. */
const silenceMs = 10_000;

/** A line at each quarter, and after ten seconds without one. */
function lineView(stderr: Output, clock: () => Date): ProgressView {
	let quarter = 0;
	let spokenAt = clock().getTime();
	let lastWrite = Promise.resolve();
	const say = (text: string): void => {
		spokenAt = clock().getTime();
		lastWrite = stderr.write(`plimsoll: ${oneLine(text)}\n`);
	};
	return {
		show: (fraction, text) => {
			const reached = fraction === null ? quarter : Math.floor(fraction * 4);
			if (reached < quarter) quarter = reached;
			if (reached === quarter && clock().getTime() - spokenAt < silenceMs) return;
			quarter = reached;
			say(fraction === null ? text : `${Math.floor(fraction * 100)} %, ${text}`);
		},
		milestone: say,
		stop: () => lastWrite,
	};
}
