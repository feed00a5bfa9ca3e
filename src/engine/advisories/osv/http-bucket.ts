import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { EngineError } from "../../errors.ts";
import type { Fetch } from "../../ports.ts";
import { type Bucket, parseEcosystems } from "./bucket.ts";
import { download } from "./download.ts";
import { downloadText } from "./requests.ts";

export interface HttpBucketOptions {
	readonly fetch: Fetch;
	readonly clock: () => Date;
	readonly signal: AbortSignal;
	/** Where zips are kept until the update has succeeded. */
	readonly downloads: string;
	readonly retryDelayMs: number;
	readonly onBytes: (ecosystem: string, done: number, total: number | null) => void;
	readonly onDownloaded: (ecosystem: string, bytes: number, kept: boolean) => void;
	readonly onRetry: (file: string, reason: string, delayMs: number) => void;
}

/** The list has a few hundred names. */
const mostListBytes = 1024 * 1024;

/** A bucket behind HTTP. Zips go to `downloads` and are resumed there. */
export function httpBucket(source: string, options: HttpBucketOptions): Bucket {
	const base = baseUrl(source);
	const { fetch, signal, retryDelayMs } = options;
	const fileOf = (ecosystem: string) => join(options.downloads, `${encodeURIComponent(ecosystem)}.zip`);
	return {
		location: base.origin + base.pathname.replace(/\/$/, ""),
		list: async () => {
			const onRetry = (reason: string, delayMs: number) => options.onRetry("ecosystems.txt", reason, delayMs);
			const url = under(base, ["ecosystems.txt"]);
			const text = await downloadText(url, mostListBytes, { fetch, signal, retryDelayMs, onRetry });
			return text === null ? null : parseEcosystems(text);
		},
		fetchZip: async (ecosystem) => {
			await mkdir(options.downloads, { recursive: true });
			const url = under(base, [ecosystem, "all.zip"]);
			const path = fileOf(ecosystem);
			const downloaded = await download(url, path, {
				fetch,
				signal,
				retryDelayMs,
				onBytes: (done, total) => options.onBytes(ecosystem, done, total),
				onRetry: (reason, delayMs) => options.onRetry(ecosystem, reason, delayMs),
			});
			if (!downloaded) return null;
			options.onDownloaded(ecosystem, downloaded.bytes, downloaded.kept);
			return { path, url: url.origin + url.pathname, fetchedAt: options.clock().toISOString() };
		},
		reject: async ({ path }) => {
			await Promise.all([path, `${path}.json`].map((file) => rm(file, { force: true })));
		},
		release: () => rm(options.downloads, { recursive: true, force: true }),
	};
}

function baseUrl(source: string): URL {
	const url = URL.parse(source);
	if (url && url.username === "" && url.password === "") return url;
	throw new EngineError(
		"advisories_source_unusable",
		url ? `The address of the advisory source at ${url.host} holds a password.` : `${source} is not an address.`,
		"Give a plain http:// or https:// address, or a folder.",
	);
}

/** `segments` below the base; a query of the base (an access signature, say) stays. */
function under(base: URL, segments: readonly string[]): URL {
	const url = new URL(base);
	url.hash = "";
	url.pathname = `${base.pathname.replace(/\/$/, "")}/${segments.map(encodeURIComponent).join("/")}`;
	return url;
}
