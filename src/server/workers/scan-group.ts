/** Reads what a group of scans is of, keeps each image as it comes, and sees every scan to a final state. */
import { setTimeout as pause } from "node:timers/promises";
import type { Id, Jobs } from "#contract";
import { type ImageOutcome, isPassing, type Scanner, ScannerError, type ScannerFailure } from "#engine";
import { ServerError } from "../errors.ts";
import type { RegistryAccess } from "../ports/connector.ts";
import type { JobContext, JobQueue } from "../ports/queue.ts";
import type { ResultStore } from "../ports/results.ts";
import type { ScanImage, ScanTask, ScanWork } from "../ports/scans.ts";
import { type LogWriter, logWriter } from "../scans/log-writer.ts";
import { progressTeller } from "../scans/progress-teller.ts";

export interface ScanGroupDeps {
	readonly work: ScanWork;
	readonly results: ResultStore;
	readonly scanners: ReadonlyMap<string, Scanner>;
	/** With its secrets; null when it is gone. */
	readonly access: (registryId: Id) => Promise<RegistryAccess | null>;
	/** How often a registry's troubles are sat out; some ten minutes by default. */
	readonly mostAttempts?: number;
}

/** 1 + 2 + 4 + … + 60 + 60 seconds, with jitter: a registry may be away for several minutes. */
const usualAttempts = 12;

export function workScans(queue: Pick<JobQueue, "work">, concurrency: number, deps: ScanGroupDeps): Promise<void> {
	return queue.work("scan-group", concurrency, (payload, context) => scanGroup(payload, context, deps));
}

export async function scanGroup(
	{ groupId }: Jobs["scan-group"],
	context: JobContext,
	deps: ScanGroupDeps,
): Promise<void> {
	const task = await deps.work.begin(groupId, context.worker);
	if (!task) return;
	const log = logWriter(deps.work, task);
	const stop = stopWatch(task, deps.work);
	try {
		const outcome = await attempt(task, AbortSignal.any([context.signal, stop.signal]), log, deps);
		await settle(outcome, task, { context, stopped: stop.signal, log, deps });
	} finally {
		stop.end();
		await log.flush().catch(() => {});
	}
}

/** How an attempt went. `later`: what is left may work another time. */
type Attempt =
	| { readonly kind: "done" }
	| { readonly kind: "broke"; readonly error: unknown }
	| { readonly kind: "later"; readonly failure: ScannerFailure };

async function attempt(task: ScanTask, signal: AbortSignal, log: LogWriter, deps: ScanGroupDeps): Promise<Attempt> {
	const began = performance.now();
	const what = task.images.length === 1 ? (task.images[0]?.platform ?? "1 image") : `${task.images.length} images`;
	log.add("info", `Scan of ${task.repository}@${task.root.digest} (${what}), attempt ${task.attempt}.`);
	const scanner = deps.scanners.get(task.scanner);
	if (!scanner) return { kind: "broke", error: noScanner(task.scanner) };
	const open = new Map(task.images.map((image) => [image.digest, image]));
	const tell = progressTeller(deps.work, task);
	let later: ScannerFailure | null = null;
	try {
		const access = await deps.access(task.registryId);
		if (!access) return { kind: "broke", error: registryGone };
		const { maxBytesPerSecond: most } = access;
		const share = most === null ? null : await deps.work.bandwidth(task.registryId, most);
		const job = {
			id: task.groupId,
			access: { ...access, maxBytesPerSecond: share },
			repository: task.repository,
			root: task.root.digest,
			images: [...open.keys()],
		};
		await scanner.scan(job, {
			signal,
			onEvent: (event) => {
				if (event.type === "log") log.add(event.level, event.message);
				else tell.at(event.bytesDone, event.bytesTotal);
			},
			onImage: async (outcome) => {
				const image = open.get(outcome.digest);
				if (!image || signal.aborted) return;
				if (outcome.kind === "failed" && isPassing(outcome.failure.code)) {
					later = outcome.failure;
					return log.add("warning", `${nameOf(image)}: ${outcome.failure.message}`);
				}
				open.delete(outcome.digest);
				await keep(outcome, image, task, log, deps);
			},
		});
		if (later) return { kind: "later", failure: later };
		log.conclude("info", `Ended after ${((performance.now() - began) / 1000).toFixed(1)} seconds.`);
		return { kind: "done" };
	} catch (error) {
		return { kind: "broke", error };
	} finally {
		await tell.end();
	}
}

async function keep(
	outcome: ImageOutcome,
	image: ScanImage,
	task: ScanTask,
	log: LogWriter,
	deps: ScanGroupDeps,
): Promise<void> {
	if (outcome.kind === "failed") return await fail([image], outcome.failure, task, log, deps);
	if (outcome.kind === "report") {
		const message = `The scanner ${task.scanner} gives reports, which cannot be kept yet.`;
		return await fail([image], { code: "internal", message, hint: "Scan with the built-in scanner." }, task, log, deps);
	}
	try {
		const { status, summary } = await deps.results.keep(image.scanId, outcome.contents);
		const numbers = `${summary.total} findings (${summary.critical} critical, ${summary.high} high), ${summary.fixable} fixable`;
		log.add("info", `${nameOf(image)}: ${numbers}; the result is ${status}.`);
	} catch (error) {
		if (!(error instanceof ServerError)) throw error;
		// It was stopped, or its image deleted, in between.
		if (error.code === "conflict" || error.code === "not_found") return;
		if (error.code === "unavailable") throw error;
		await fail([image], error, task, log, deps);
	}
}

async function fail(
	images: readonly ScanImage[],
	{ code, message, hint }: ScannerFailure,
	task: ScanTask,
	log: LogWriter,
	{ work }: ScanGroupDeps,
): Promise<void> {
	const [first] = images;
	const name = images.length === 1 && first ? `${nameOf(first)}: ` : "";
	log.conclude("error", `${name}${message} ${hint}`);
	const state = code === "manifest_unsupported" ? "not_supported" : "failed";
	// The log first: whoever sees that it failed finds the reason.
	await log.flush().catch(() => {});
	const ids = images.map(({ scanId }) => scanId);
	await persist(() => work.fail(task, ids, { state, code, message, hint }));
}

/** Over a cut connection; each of these may be done twice. One that cannot be kept is the next worker's to find. */
async function persist<T>(keep: () => Promise<T>): Promise<T> {
	for (let wait = 50; ; wait *= 3) {
		try {
			return await keep();
		} catch (error) {
			if (error instanceof ServerError || wait > 4_000) throw error;
			await pause(wait);
		}
	}
}

interface Settling {
	readonly context: JobContext;
	readonly stopped: AbortSignal;
	readonly log: LogWriter;
	readonly deps: ScanGroupDeps;
}

async function settle(outcome: Attempt, task: ScanTask, { context, stopped, log, deps }: Settling): Promise<void> {
	const { work } = deps;
	// It is another worker's by now.
	if (context.signal.aborted && context.signal.reason === "lost") return;
	if (outcome.kind === "done" || stopped.aborted) {
		await log.flush().catch(() => {});
		return await persist(() => work.end(task));
	}
	if (context.signal.aborted) {
		log.add("info", "The worker is being shut down; another takes the scan up.");
		await log.flush().catch(() => {});
		await persist(() => work.release(task, "later"));
		throw new Error("the worker is being shut down");
	}
	const error = outcome.kind === "broke" ? outcome.error : null;
	if (error instanceof ScannerError && error.kind === "died") {
		log.conclude("error", error.message);
		await log.flush().catch(() => {});
		// Handed on at once: the pause before the next try is the queue's.
		if (await persist(() => work.release(task, "crashed"))) throw error;
		return;
	}
	const failure = outcome.kind === "later" ? outcome.failure : failureOf(error);
	const tries = task.attempt - task.crashes;
	if (mayPass(failure, error) && tries < (deps.mostAttempts ?? usualAttempts) && !context.lastAttempt) {
		log.add("warning", `${failure.message} It is tried again.`);
		await log.flush().catch(() => {});
		if (await persist(() => work.release(task, "later"))) throw new Error(failure.message, { cause: error });
		return;
	}
	const message = tries > 1 ? `${failure.message} (tried ${tries} times)` : failure.message;
	await fail(task.images, { ...failure, message }, task, log, deps);
	await persist(() => work.end(task));
}

function failureOf(error: unknown): ScannerFailure {
	if (error instanceof ScannerError || error instanceof ServerError) {
		const { code, message, hint } = error;
		return { code, message, hint };
	}
	return {
		code: "internal",
		message: "Something went wrong in Plimsoll itself.",
		hint: "Scan it again; if it stays, look into the server's log.",
	};
}

/** What nobody foresaw may be the database's trouble: it is tried again as the registry's are. */
function mayPass({ code }: ScannerFailure, error: unknown): boolean {
	if (error === null || error instanceof ScannerError) return isPassing(code);
	return !(error instanceof ServerError) || error.code === "unavailable";
}

const registryGone = new ServerError(
	"not_found",
	"The registry is no longer integrated.",
	"Integrate it again, or leave the image be.",
);

function noScanner(id: string): ServerError {
	return new ServerError("unprocessable", `There is no scanner called "${id}".`, "Scan with another one.");
}

function nameOf({ platform, digest }: ScanImage): string {
	return platform ?? digest.slice(0, 19);
}

/** Beside the notification, in case that it is lost. */
const askMs = 1_000;

function stopWatch(task: ScanTask, work: ScanWork): { readonly signal: AbortSignal; end(): void } {
	const controller = new AbortController();
	const stop = (): void => controller.abort("stopped");
	const off = work.onStop(task.groupId, stop);
	const timer = setInterval(() => {
		work.stopRequested(task.groupId).then(
			(asked) => {
				if (asked) stop();
			},
			() => {},
		);
	}, askMs);
	return {
		signal: controller.signal,
		end: () => {
			clearInterval(timer);
			off();
		},
	};
}
