import cliProgress from "cli-progress";
import type { Output } from "../context.ts";
import { oneLine } from "../errors.ts";
import type { ProgressView } from "./view.ts";

/** A bar that stays on one line of the terminal and is gone when it stops. */
export function barView(stderr: Output): ProgressView {
	let lastWrite = Promise.resolve();
	let text = "";
	let fraction: number | null = null;
	// What cli-progress uses of a stream.
	const stream = {
		isTTY: true,
		get columns() {
			return stderr.columns ?? 80;
		},
		write: (chunk: string) => {
			lastWrite = stderr.write(chunk);
			return true;
		},
	} as unknown as NodeJS.WritableStream;
	const bar = new cliProgress.SingleBar({
		stream,
		format: () => barLine(fraction, text, (stderr.columns ?? 80) - 1, stderr.unicode),
		clearOnComplete: true,
		hideCursor: true,
		linewrap: true,
		emptyOnZero: true,
		fps: 8,
	});
	let started = false;
	const show = (nextFraction: number | null, nextText: string): void => {
		fraction = nextFraction;
		text = oneLine(nextText);
		if (!started) bar.start(1, 0);
		started = true;
		bar.update(fraction ?? 0);
	};
	return {
		show,
		milestone: (nextText) => show(fraction, nextText),
		stop: async () => {
			if (started) bar.stop();
			started = false;
			await lastWrite;
		},
	};
}

/** ` 42 % ████░░░░ 12.3 of 45.6 MB, layer 3 of 7`, at most `columns` wide. */
export function barLine(fraction: number | null, text: string, columns: number, unicode: boolean): string {
	if (fraction === null) return text.slice(0, columns);
	const percent = `${String(Math.floor(fraction * 100)).padStart(3)} %`;
	const room = Math.min(40, columns - percent.length - text.length - 2);
	if (room < 5) return `${percent} ${text}`.slice(0, columns);
	const full = Math.round(fraction * room);
	const [done, left] = unicode ? ["█", "░"] : ["#", "."];
	return `${percent} ${done.repeat(full)}${left.repeat(room - full)} ${text}`;
}
