/** Builds zip archives around fuzzed content, so that it is not stopped by a checksum. */
import { strToU8, type Zippable, zipSync } from "fflate";
import type { Random } from "../random.ts";

/** An archive in which one of `names` holds `content`; now and then it is packed twice. */
export function zipAround(content: Uint8Array, names: readonly [string, ...string[]], random: Random): Uint8Array {
	const level = random.pick([0, 6] as const);
	const files: Zippable = {};
	files[random.pick(names)] = [content, { level }];
	if (random.once(2)) files[random.pick(names)] = [strToU8(random.pick(["", "a", "PK\u0003\u0004"])), { level }];
	return zipSync(files);
}

export function zipOf(files: Readonly<Record<string, string | Uint8Array>>, level: 0 | 6 = 6): Uint8Array {
	const zippable: Zippable = {};
	for (const [name, body] of Object.entries(files))
		zippable[name] = [typeof body === "string" ? strToU8(body) : body, { level }];
	return zipSync(zippable);
}
