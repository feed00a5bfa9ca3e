import type { ConnectionCheck } from "#contract";
import { EngineError } from "#engine";
import type { RegistryAccess } from "../../ports/connector.ts";
import { failedCheck, failingBy } from "./hints.ts";

/** A registry that takes longer to say hello is of no use; nothing waits for it. */
const checkMilliseconds = 20_000;

export type Checked = Omit<ConnectionCheck, "milliseconds" | "ok" | "state">;

/** Runs a connection check within its time. What the registry does wrong becomes the answer. */
export async function boundedCheck(
	access: RegistryAccess,
	signal: AbortSignal,
	check: (signal: AbortSignal) => Promise<Checked | ConnectionCheck>,
	limit = checkMilliseconds,
): Promise<ConnectionCheck> {
	const began = Date.now();
	const late = new EngineError("aborted", `${hostOf(access.url)} does not answer within ${limit / 1000} seconds.`, "");
	const timer = new AbortController();
	const timeout = setTimeout(() => timer.abort(late), limit);
	try {
		const found = await check(AbortSignal.any([signal, timer.signal]));
		return { ok: true, state: "healthy", ...found, milliseconds: Date.now() - began };
	} catch (thrown) {
		return failedCheck(failingBy(timer.signal.aborted ? late : thrown, access), began);
	} finally {
		clearTimeout(timeout);
	}
}

function hostOf(url: string): string {
	return URL.canParse(url) ? new URL(url).host || url : url;
}
