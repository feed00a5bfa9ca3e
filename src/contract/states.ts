/** States and their words (DESIGN §6): the API's names, and what people read. */
import { Type } from "typebox";

export const scanStates = [
	"not_scanned",
	"not_supported",
	"queued",
	"scanning",
	"complete",
	"failed",
	"stopped",
] as const;
export type ScanState = (typeof scanStates)[number];
export const ScanState = Type.Enum(scanStates);

/** `failed` reads "View Log", because that is what a person does next. */
export const stateWords: Readonly<Record<ScanState, string>> = {
	not_scanned: "Not Scanned",
	not_supported: "Not Supported",
	queued: "Queued",
	scanning: "Scanning",
	complete: "Complete",
	failed: "View Log",
	stopped: "Stopped",
};

/** A scan's own states: an artifact that was never asked for has no scan. */
export type ActiveState = "queued" | "scanning";
export type FinalState = "complete" | "not_supported" | "failed" | "stopped";

export function isActive(state: ScanState): state is ActiveState {
	return state === "queued" || state === "scanning";
}

/**
 * An index's state, from those of all its children that are images: what is going on comes first, then what went wrong,
 * then what is missing. It is complete when every supported child is. No child means that nothing in it can be scanned.
 */
export function stateOfIndex(children: readonly ScanState[]): ScanState {
	const supported: readonly ScanState[] = children.filter((state) => state !== "not_supported");
	if (supported.length === 0) return "not_supported";
	const order: readonly ScanState[] = ["scanning", "queued", "failed", "stopped", "not_scanned"];
	return order.find((state) => supported.includes(state)) ?? "complete";
}

/** Who goes first: a person's click, then a push, then a schedule. */
export const priorities = { manual: 0, push: 1, schedule: 2 } as const;
export type PriorityClass = keyof typeof priorities;
