/** Gets the files of a feed, from a folder or over HTTP, and opens them unpacked. */
import { createReadStream } from "node:fs";
import { mkdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { EngineError } from "../errors.ts";
import type { Fetch } from "../ports.ts";
import { download } from "./download/download.ts";
import { downloadText, failed, type RequestOptions } from "./download/requests.ts";
import { readSidecar } from "./download/sidecar.ts";
import { unpacked } from "./unpack.ts";

export interface FeedFile {
	/** Below the feed's address; in a folder under the same name. Its ending tells the packing: .gz, .bz2, .zst. */
	readonly name: string;
	/** It may be missing. */
	readonly optional?: boolean;
	/** Over HTTP, a file below the address whose text is the file's real name, in the same folder. */
	readonly namedBy?: string;
	/** Over HTTP, a list of mirrors of the rpm repository whose updateinfo the file is. */
	readonly inRepository?: string;
}

/** A file on this machine. */
export interface LocalFile {
	readonly name: string;
	readonly path: string;
	readonly url: string;
	/** RFC 3339: when its publisher changed it, or else when it was fetched. */
	readonly modified: string;
	/** It was fetched and is ours to remove. */
	readonly fetched: boolean;
}

export interface OpenFile extends Pick<LocalFile, "name" | "modified"> {
	readonly bytes: AsyncIterable<Uint8Array>;
}

export interface FileDeps extends Omit<RequestOptions, "onRetry"> {
	readonly fetch: Fetch;
	readonly clock: () => Date;
	/** Where files are kept, so that only what changed is fetched the next time. */
	readonly folder: string;
	readonly onBytes: (done: number, total: number | null) => void;
	readonly onDownloaded: (bytes: number, kept: boolean) => void;
	readonly onRetry: (reason: string, delayMs: number) => void;
}

/**
 * Makes a file readable on this machine; null when it is optional and missing.
 * Throws `advisories_source_unusable`, `advisories_download_failed`.
 */
export async function getFile(file: FeedFile, source: string, deps: FileDeps): Promise<LocalFile | null> {
	if (!/^https?:\/\//i.test(source)) return inFolder(file, source);
	const url = await addressOf(file, source, deps);
	await mkdir(deps.folder, { recursive: true });
	const path = join(deps.folder, encodeURIComponent(file.name));
	const got = await download(url, path, deps);
	if (!got && !file.optional) throw missing(url.origin + url.pathname);
	if (!got) return null;
	deps.onDownloaded(got.bytes, got.kept);
	const changed = Date.parse((await readSidecar(path, url))?.lastModified ?? "");
	const modified = Number.isNaN(changed) ? deps.clock() : new Date(changed);
	return { name: file.name, path, url: url.origin + url.pathname, modified: modified.toISOString(), fetched: true };
}

/** Removes a fetched file that turned out to be broken, so that the next update fetches it anew. */
export async function removeFile({ path, fetched }: LocalFile): Promise<void> {
	if (fetched) await Promise.all([path, `${path}.json`].map((file) => rm(file, { force: true })));
}

async function inFolder({ name, optional }: FeedFile, folder: string): Promise<LocalFile | null> {
	const path = join(folder, name);
	const found = await stat(path).catch(() => null);
	if (found?.isFile()) return { name, path, url: path, modified: found.mtime.toISOString(), fetched: false };
	if (optional) return null;
	throw missing(path);
}

/** Opens it; the packing is undone as it is read. */
export function openFile({ name, path, modified }: LocalFile): OpenFile {
	return { name, modified, bytes: unpacked(createReadStream(path, { highWaterMark: 256 * 1024 }), name, path) };
}

async function addressOf(file: FeedFile, source: string, deps: FileDeps): Promise<URL> {
	if (file.namedBy) {
		const named = (await textAt(under(source, file.namedBy), deps)).trim();
		if (!/^[\w.+-]+$/.test(named)) throw failed(under(source, file.namedBy), "it does not name a file");
		return under(source, `${file.namedBy.slice(0, file.namedBy.lastIndexOf("/") + 1)}${named}`);
	}
	return file.inRepository ? updateInfoOf(source, file.inRepository, deps) : under(source, file.name);
}

/**
 * An rpm repository's updateinfo: its list of mirrors names the repository, whose `repodata/repomd.xml` names the file.
 * A mirror on another host than the feed's own is not followed.
 */
async function updateInfoOf(source: string, mirrors: string, deps: FileDeps): Promise<URL> {
	const list = under(source, mirrors);
	const [first = ""] = (await textAt(list, deps)).split("\n").map((line) => line.trim());
	const repository = URL.parse(first.endsWith("/") ? first : `${first}/`, list);
	if (repository?.origin !== list.origin) throw failed(list, "it names no repository on this server");
	const index = new URL("repodata/repomd.xml", repository);
	const text = await textAt(index, deps);
	const href =
		/<data\s+type="updateinfo"[^>]*>(?:(?!<\/data>)[\s\S]){0,4000}?<location\s+href="([\w./+-]{1,300})"/.exec(
			text,
		)?.[1];
	if (href === undefined || href.includes("..")) throw failed(index, "it has no updateinfo");
	return new URL(href, repository);
}

/** Such lists have a few KiB. */
const mostTextBytes = 1024 * 1024;

async function textAt(url: URL, deps: FileDeps): Promise<string> {
	const text = await downloadText(url, mostTextBytes, deps);
	if (text === null) throw missing(url.origin + url.pathname);
	return text;
}

function under(source: string, name: string): URL {
	const base = URL.parse(source);
	if (!base || base.username !== "" || base.password !== "")
		throw new EngineError(
			"advisories_source_unusable",
			`${base ? `The address of a feed at ${base.host} holds a password` : `${source} is not an address`}.`,
			"Give a plain http:// or https:// address, or a folder.",
		);
	base.pathname = `${base.pathname.replace(/\/$/, "")}/${name}`;
	return base;
}

function missing(where: string): EngineError {
	return new EngineError(
		"advisories_source_unusable",
		`There is no ${where}.`,
		"Check the address of the feed: its files must have the names that their publisher gives them.",
	);
}
