/**
 * The keys that credentials are encrypted with: 32 bytes in base64, one a line. The first is used for what is written, the
 * others for what was written before. Without one of our own choice, a key is made in the data folder at the first start.
 */
import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { newSecretKeyText, parseSecretKey, type SecretKeys, StoreError } from "#store";
import type { ServeSettings } from "./settings.ts";

/** @throws StoreError key_missing */
export function readSecretKeys({ secretKey, data }: Pick<ServeSettings, "secretKey" | "data">): SecretKeys {
	if (secretKey && "text" in secretKey) return parseKeys(secretKey.text, "PLIMSOLL_SECRET_KEY");
	const file = secretKey?.file ?? join(data, "secret.key");
	if (!secretKey && !existsSync(file)) makeKey(file);
	return parseKeys(readKeyFile(file), file);
}

/** Whole or not at all, and never over one that another process has just made. */
function makeKey(file: string): void {
	const unfinished = `${file}.${process.pid}`;
	rmSync(unfinished, { force: true });
	writeFileSync(unfinished, `${newSecretKeyText()}\n`, { mode: 0o600, flush: true });
	try {
		linkSync(unfinished, file);
	} catch (cause) {
		if (!existsSync(file)) throw cause;
	} finally {
		rmSync(unfinished, { force: true });
	}
}

function readKeyFile(file: string): string {
	try {
		return readFileSync(file, "utf8");
	} catch (cause) {
		const why = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown";
		const hint = "Check its path and permissions; without the key, credentials of registries cannot be read.";
		throw new StoreError("key_missing", `The secret key ${file} cannot be read (${why}).`, hint, cause);
	}
}

function parseKeys(text: string, from: string): SecretKeys {
	const lines = text.split(/[\s,]+/).filter((line) => line !== "");
	const [current, ...older] = (lines.length === 0 ? [""] : lines).map((line) => parseSecretKey(line, from));
	return { current: current ?? parseSecretKey("", from), older };
}
