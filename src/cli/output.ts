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
 * An output on a stream. Once the reader is gone (EPIPE), or the stream is otherwise broken, text is dropped quietly:
 * the exit code still tells the result.
 */
export function streamOutput(stream: Writable, traits: OutputTraits): Output {
	let broken = false;
	stream.on("error", () => {
		broken = true;
	});
	return {
		write: (text) =>
			new Promise((resolve) => {
				if (broken) resolve();
				else stream.write(text, () => resolve());
			}),
		isTTY: traits.isTTY,
		get columns() {
			return traits.columns();
		},
		colour: traits.colour,
		unicode: traits.unicode,
	};
}
