import type { Writable } from "node:stream";
import type { Output } from "./context.ts";

/** How a stream shows text; decided from the environment by the composition root. */
export interface OutputTraits {
	readonly isTTY: boolean;
	readonly columns: () => number | null;
	readonly colour: boolean;
	readonly unicode: boolean;
}

/**
 * An output on a stream. Once it is broken, text is dropped. A reader that went away (EPIPE) has read what it wanted;
 * any other reason (a full disk) is kept as `failure`.
 */
export function streamOutput(stream: Writable, traits: OutputTraits): Output {
	let broken = false;
	let failure: Error | null = null;
	const onError = (error: Error): void => {
		broken = true;
		if (!("code" in error && error.code === "EPIPE")) failure ??= error;
	};
	stream.on("error", onError);
	return {
		write: (text) =>
			new Promise((resolve) => {
				if (broken) resolve();
				else
					stream.write(text, (error) => {
						if (error) onError(error);
						resolve();
					});
			}),
		get failure() {
			return failure;
		},
		isTTY: traits.isTTY,
		get columns() {
			return traits.columns();
		},
		colour: traits.colour,
		unicode: traits.unicode,
	};
}
