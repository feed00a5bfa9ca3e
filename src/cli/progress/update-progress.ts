import type { UpdateProgress } from "#engine";
import { sizeText } from "./size-text.ts";
import type { ProgressView } from "./view.ts";

/** Tells the events of an update of the advisory database. Half of the bar is the download, half the records. */
export function updateProgress(view: ProgressView): (event: UpdateProgress) => void {
	let parts = 1;
	const downloads = new Map<string, number>();
	const records = new Map<string, number>();
	const fraction = (): number => Math.min(1, (sum(downloads) + sum(records)) / (2 * parts));
	return (event) => {
		switch (event.type) {
			case "started":
				parts = Math.max(1, event.parts.length);
				view.milestone(`updating the advisory database: ${event.parts.join(", ")}`);
				break;
			case "download":
				if (event.total) downloads.set(event.part, event.done / event.total);
				view.show(fraction(), `${event.part}: ${sizeText(event.done)}`);
				break;
			case "downloaded":
				downloads.set(event.part, 1);
				view.show(fraction(), `${event.part}: ${sizeText(event.bytes)}${event.kept ? " (kept from before)" : ""}`);
				break;
			case "retry":
				view.milestone(`${event.part}: ${event.reason}; again in ${Math.ceil(event.delayMs / 1000)} s`);
				break;
			case "records":
				if (event.total !== null) records.set(event.part, event.total === 0 ? 1 : event.done / event.total);
				view.show(
					fraction(),
					`${event.part}: ${event.done}${event.total === null ? "" : ` of ${event.total}`} records`,
				);
				break;
			case "failed":
				downloads.set(event.part, 1);
				records.set(event.part, 1);
				view.milestone(`${event.part}: ${event.reason}${event.kept ? " (its older records are kept)" : ""}`);
				break;
			case "finishing":
				view.show(1, "finishing the advisory database");
				break;
		}
	};
}

function sum(parts: ReadonlyMap<string, number>): number {
	return [...parts.values()].reduce((total, part) => total + part, 0);
}
