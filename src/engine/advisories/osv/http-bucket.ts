import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { EngineError } from "../../errors.ts";
import type { Fetch } from "../../ports.ts";
import { download } from "../download/download.ts";
import { downloadText, failed } from "../download/requests.ts";
import { type Bucket, parseEcosystems } from "./bucket.ts";
import { limits } from "./limits.ts";

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
/** The longest list of the public bucket has some 600,000 lines of 50 characters. */
const mostModifiedBytes = 256 * 1024 * 1024;

/** A bucket behind HTTP. Zips go to `downloads` and are resumed there. */
export function httpBucket(source: string, options: HttpBucketOptions): Bucket {
	const base = baseUrl(source);
	const { fetch, signal, retryDelayMs } = options;
	const fileOf = (ecosystem: string) => join(options.downloads, `${encodeURIComponent(ecosystem)}.zip`);
	const requesting = (part: string) => ({
		fetch,
		signal,
		retryDelayMs,
		onRetry: (reason: string, delayMs: number) => options.onRetry(part, reason, delayMs),
	});
	return {
		location: base.origin + base.pathname.replace(/\/$/, ""),
		list: async () => {
			const url = under(base, ["ecosystems.txt"]);
			const text = await downloadText(url, mostListBytes, requesting("ecosystems.txt"));
			return text === null ? null : parseEcosystems(text);
		},
		fetchZip: async (ecosystem) => {
			await mkdir(options.downloads, { recursive: true });
			const url = under(base, [ecosystem, "all.zip"]);
			const path = fileOf(ecosystem);
			const downloaded = await download(url, path, {
				...requesting(ecosystem),
				onBytes: (done, total) => options.onBytes(ecosystem, done, total),
			});
			if (!downloaded) return null;
			options.onDownloaded(ecosystem, downloaded.bytes, downloaded.kept);
			return { path, url: url.origin + url.pathname, fetchedAt: options.clock().toISOString() };
		},
		modified: async (ecosystem) => {
			const url = under(base, [ecosystem, "modified_id.csv"]);
			const text = await downloadText(url, mostModifiedBytes, requesting(ecosystem));
			return text === null ? null : { text, url: url.origin + url.pathname, fetchedAt: options.clock().toISOString() };
		},
		record: async (ecosystem, id) => {
			const url = under(base, [ecosystem, `${id}.json`]);
			const text = await downloadText(url, limits.recordBytes, requesting(ecosystem));
			return text === null ? null : parsed(url, text);
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

function parsed(url: URL, text: string): unknown {
	try {
		return JSON.parse(text);
	} catch (error) {
		throw failed(url, "the record is no JSON", error);
	}
}
