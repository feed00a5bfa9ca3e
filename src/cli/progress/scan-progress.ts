import type { ScanEvent } from "#engine";
import { sizeText } from "./size-text.ts";
import type { ProgressView } from "./view.ts";

/** Tells the events of a scan: percent is bytes of layers. */
export function scanProgress(view: ProgressView): (event: ScanEvent) => void {
	let layers = 0;
	let finished = 0;
	let total = 0;
	let done = 0;
	const show = (): void => {
		const layer = layers === 0 ? "" : `, layer ${Math.min(finished + 1, layers)} of ${layers}`;
		view.show(total === 0 ? null : Math.min(1, done / total), `${sizeText(done)} of ${sizeText(total)}${layer}`);
	};
	return (event) => {
		switch (event.type) {
			case "resolved": {
				layers = event.layers;
				total = event.bytes;
				const images = event.images === 1 ? "1 image" : `${event.images} images`;
				const ofLayers = event.layers === 1 ? "1 layer" : `${event.layers} layers`;
				view.milestone(`scanning ${event.name}: ${images}, ${ofLayers}, ${sizeText(event.bytes)}`);
				break;
			}
			case "layer":
				if (event.state === "started") break;
				finished += 1;
				show();
				break;
			case "bytes":
				done = event.done;
				total = event.total;
				show();
				break;
			case "matching":
				view.milestone(`matching ${event.packages} packages`);
				break;
		}
	};
}
