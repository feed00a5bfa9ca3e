import type { ExportProgress, ImportProgress } from "#engine";
import { sizeText } from "./size-text.ts";
import type { ProgressView } from "./view.ts";

/** Tells the events of an import. */
export function importProgress(view: ProgressView): (event: ImportProgress) => void {
	return (event) => {
		switch (event.type) {
			case "started":
				view.milestone(`importing an advisory database (${event.source})`);
				break;
			case "bytes":
				view.show(fraction(event.done, event.total), `${sizeText(event.done)} of ${sizeText(event.total)}`);
				break;
			case "records":
				view.show(null, `${event.done} entries`);
				break;
			case "checking":
				view.milestone("checking the database");
				break;
		}
	};
}

/** Tells the events of an export. Packing is the first half. */
export function exportProgress(view: ProgressView): (event: ExportProgress) => void {
	return ({ type, done, total }) => {
		const half = fraction(done, total) / 2;
		const text = `${sizeText(done)} of ${sizeText(total)}`;
		view.show(type === "packing" ? half : 0.5 + half, type === "packing" ? `packing, ${text}` : text);
	};
}

function fraction(done: number, total: number): number {
	return total === 0 ? 1 : Math.min(1, done / total);
}
