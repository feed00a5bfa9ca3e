import { createHash } from "node:crypto";

/** Identifiers made from content, never from chance: the same report gives the same bytes. */

/** 64 hexadecimal digits. */
export function hashOf(...parts: readonly string[]): string {
	return createHash("sha256").update(parts.join("\0")).digest("hex");
}

/** A UUID of version 8 over SHA-256 (RFC 9562 §5.8, B.2). */
export function uuidOf(text: string): string {
	const hex = hashOf(text);
	const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
	return [
		hex.slice(0, 8),
		hex.slice(8, 12),
		`8${hex.slice(13, 16)}`,
		variant + hex.slice(17, 20),
		hex.slice(20, 32),
	].join("-");
}

/** The same texts, with `~2`, `~3` behind those that stood before. */
export function unique(texts: readonly string[], separator = "~"): readonly string[] {
	const taken = new Set(texts);
	const seen = new Set<string>();
	const next = new Map<string, number>();
	return texts.map((text) => {
		let count = next.get(text) ?? 1;
		let made = count === 1 ? text : `${text}${separator}${count}`;
		while (seen.has(made) || (count > 1 && taken.has(made))) made = `${text}${separator}${(count += 1)}`;
		next.set(text, count + 1);
		seen.add(made);
		return made;
	});
}
