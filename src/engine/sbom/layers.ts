import type { Facts, SbomLayer } from "./types.ts";

/** The layers of a document: those of the image in their order, then others as packages name them. */
export class LayerList {
	readonly #layers: { digest: string; diffId: string }[];
	readonly #byDiffId = new Map<string, number>();
	readonly #byDigest = new Map<string, number>();
	#unknown: number | null = null;

	constructor(known: readonly SbomLayer[]) {
		this.#layers = [];
		for (const { digest, diffId } of known.slice(0, layersLimit)) this.#add(digest, diffId);
	}

	/** The layer of a component; 0 where none is named at all. */
	indexOf({ layerDigest = "", layerDiffId = "" }: Facts): number {
		if (layerDigest === "" && layerDiffId === "") return this.#unknownIndex();
		const known = this.#byDiffId.get(layerDiffId) ?? this.#byDigest.get(layerDigest);
		if (known === undefined) return this.#layers.length < layersLimit ? this.#add(layerDigest, layerDiffId) : 0;
		const layer = this.#layers[known];
		if (layer && layer.digest === "" && layerDigest !== "") {
			layer.digest = layerDigest;
			this.#byDigest.set(layerDigest, known);
		}
		return known;
	}

	/** Empty when neither the document nor a package named one. */
	all(): readonly SbomLayer[] {
		return this.#layers.some(({ digest, diffId }) => digest !== "" || diffId !== "") ? this.#layers : [];
	}

	#unknownIndex(): number {
		this.#unknown ??= this.#add("", "");
		return this.#unknown;
	}

	#add(digest: string, diffId: string): number {
		const index = this.#layers.push({ digest, diffId }) - 1;
		if (diffId !== "") this.#byDiffId.set(diffId, index);
		if (digest !== "") this.#byDigest.set(digest, index);
		return index;
	}
}

/** Container runtimes refuse images with more than 127 layers. */
const layersLimit = 1_024;
