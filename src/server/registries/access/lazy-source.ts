import type { ImageSource } from "#engine";

/** A source that is opened when it is first asked. */
export function lazySource(name: string, open: (signal: AbortSignal) => Promise<ImageSource>): ImageSource {
	let opened: Promise<ImageSource> | null = null;
	const source = (signal: AbortSignal): Promise<ImageSource> => {
		const mine = opened ?? open(signal);
		opened = mine;
		mine.catch(() => {
			if (opened === mine) opened = null;
		});
		return mine;
	};
	return {
		name,
		root: async (signal) => (await source(signal)).root(signal),
		document: async (descriptor, signal) => (await source(signal)).document(descriptor, signal),
		blobs: async (descriptors, visit, options) => (await source(options.signal)).blobs(descriptors, visit, options),
		close: async () => {
			const closing = opened;
			opened = null;
			await closing?.then((one) => one.close()).catch(() => {});
		},
	};
}
