/**
 * One reader's stream. Events go out as they are heard; a reader that does not keep up is served from the table at its
 * own pace, so that what waits in memory is bounded, and one that takes nothing at all is cut off.
 */
import { PassThrough, type Readable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import type { Event, Id } from "#contract";
import type { EventFilter, EventStore } from "../ports/events.ts";
import type { Sight } from "../ports/sight.ts";
import { matches, mayHear } from "./audience.ts";
import { aliveFrame, eventFrame, retryFrame } from "./frames.ts";

export interface StreamTimes {
	readonly heartbeatMs: number;
	/** Progress of one scan is told once in this time. */
	readonly progressMs: number;
	/** A reader that takes nothing for so long is cut off. */
	readonly stalledMs: number;
	/** How soon a client comes back. */
	readonly retryMs: number;
}
export const usualStreamTimes: StreamTimes = {
	heartbeatMs: 15_000,
	progressMs: 500,
	stalledMs: 30_000,
	retryMs: 2_000,
};

/** Bytes that wait for a reader, besides what the socket holds. */
const waitingBytes = 64 * 1024;
const rowsAtOnce = 200;
/** Scans whose progress waits; more than run at once anywhere. */
const mostProgress = 1_000;

export interface EventStream {
	readonly readable: Readable;
	/** What the reader may see from now on. */
	see(sight: Sight): void;
	/** Ends it; the client may come back. */
	end(): void;
}

export interface StreamOptions {
	readonly events: EventStore;
	readonly filter: EventFilter;
	readonly sight: Sight;
	/** Told kept events begin behind this id. */
	readonly from: Id;
	readonly times: StreamTimes;
}

export function openStream({ events, filter, from, times, ...options }: StreamOptions): EventStream {
	const out = new PassThrough({ highWaterMark: waitingBytes });
	const progress = new Map<Id, Event>();
	let sight = options.sight;
	let sent = from;
	let live = false;
	let missed = false;
	let ended = false;

	function hear(event: Event): void {
		const { body } = event;
		if (body.type === "scan.state") progress.delete(body.scanId);
		if (event.id === null) keepProgress(event);
		else if (BigInt(event.id) <= BigInt(sent)) return;
		else if (live) tell(event);
		else missed = true;
	}

	function keepProgress(event: Event): void {
		if (event.body.type !== "scan.progress" || !mayHear(event, sight) || !matches(event, filter)) return;
		progress.delete(event.body.scanId);
		progress.set(event.body.scanId, event);
		if (progress.size <= mostProgress) return;
		for (const oldest of progress.keys()) {
			progress.delete(oldest);
			return;
		}
	}

	/** A kept event, in its turn. */
	function tell(event: Event): void {
		sent = event.id ?? sent;
		if (!mayHear(event, sight) || !matches(event, filter)) return;
		if (!out.write(eventFrame(event)) && live) void catchUp();
	}

	async function catchUp(): Promise<void> {
		live = false;
		while (!ended) {
			if (out.writableNeedDrain && !(await drained())) return end(true);
			missed = false;
			const rows = await events.since(sent, sight, rowsAtOnce).catch(() => null);
			if (ended) return;
			if (rows === null) {
				await pause(1_000, undefined, { ref: false });
				continue;
			}
			for (const event of rows) {
				tell(event);
				if (out.writableNeedDrain) break;
			}
			if (rows.length === 0 && !missed) {
				live = true;
				return;
			}
		}
	}

	/** False when the reader took nothing for too long, or has gone. */
	function drained(): Promise<boolean> {
		return new Promise((resolve) => {
			const settle = (value: boolean) => () => {
				clearTimeout(stalled);
				out.off("drain", yes).off("close", no);
				resolve(value);
			};
			const [yes, no] = [settle(true), settle(false)];
			const stalled = setTimeout(no, times.stalledMs);
			out.on("drain", yes).on("close", no);
		});
	}

	function flushProgress(): void {
		if (!live || out.writableNeedDrain) return;
		for (const [scan, event] of progress) {
			progress.delete(scan);
			// Sight may have changed since it was heard.
			if (mayHear(event, sight) && !out.write(eventFrame(event))) return void catchUp();
		}
	}

	function beat(): void {
		if (!out.writableNeedDrain) out.write(aliveFrame(sent));
	}

	function end(cut = false): void {
		if (ended) return;
		ended = true;
		stopHearing();
		for (const timer of timers) clearInterval(timer);
		progress.clear();
		if (cut) out.destroy();
		else out.end();
	}

	const stopHearing = events.subscribe(hear);
	const timers = [setInterval(beat, times.heartbeatMs), setInterval(flushProgress, times.progressMs)];
	out.once("close", () => end(true));
	out.on("error", () => end(true));
	out.write(retryFrame(times.retryMs) + aliveFrame(from));
	void catchUp();
	return {
		readable: out,
		see: (next) => {
			sight = next;
		},
		end: () => end(),
	};
}
