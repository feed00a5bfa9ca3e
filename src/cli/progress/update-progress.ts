import type { UpdateProgress } from "#engine";
import { sizeText } from "./size-text.ts";
import type { ProgressView } from "./view.ts";

/** Tells the events of an update of the advisory database. Half of the bar is the download, half the records. */
export function updateProgress(view: ProgressView): (event: UpdateProgress) => void {
	let ecosystems = 1;
	const downloads = new Map<string, number>();
	const records = new Map<string, number>();
	const fraction = (): number => Math.min(1, (sum(downloads) + sum(records)) / (2 * ecosystems));
	return (event) => {
		switch (event.type) {
			case "started":
				ecosystems = Math.max(1, event.ecosystems.length);
				view.milestone(`updating the advisory database: ${event.ecosystems.join(", ")}`);
				break;
			case "download":
				if (event.total) downloads.set(event.ecosystem, event.done / event.total);
				view.show(fraction(), `${event.ecosystem}: ${sizeText(event.done)}`);
				break;
			case "downloaded":
				downloads.set(event.ecosystem, 1);
				view.show(fraction(), `${event.ecosystem}: ${sizeText(event.bytes)}${event.kept ? " (kept from before)" : ""}`);
				break;
			case "retry":
				view.milestone(`${event.ecosystem}: ${event.reason}; again in ${Math.ceil(event.delayMs / 1000)} s`);
				break;
			case "records":
				records.set(event.ecosystem, event.total === 0 ? 1 : event.done / event.total);
				view.show(fraction(), `${event.ecosystem}: ${event.done} of ${event.total} records`);
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
