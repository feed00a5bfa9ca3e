/** Names of products in NVD's configurations: CPE 2.3 formatted strings (NISTIR 7695 §6.2). */
import { Malformed } from "../json.ts";

export interface Cpe {
	/** `a` application, `o` operating system, `h` hardware. */
	readonly part: string;
	/** `nodejs:node.js`: vendor and product. */
	readonly product: string;
	/** `*` for any, `-` for none. */
	readonly version: string;
	/** `*`, `-`, `beta1`, `update_202`. */
	readonly update: string;
	/** The operating system that the product is built for. */
	readonly targetSoftware: string;
}

export function cpeAt(value: unknown, path: string): Cpe {
	const parts = typeof value === "string" && value.length <= 1024 ? componentsOf(value) : [];
	const [cpe, form, part = "", vendor = "", product = "", version = "", update = "", , , , targetSoftware = ""] = parts;
	if (cpe !== "cpe" || form !== "2.3" || parts.length !== 13) throw new Malformed(`${path} is not a CPE 2.3 name`);
	return { part, product: `${vendor}:${product}`, version, update, targetSoftware };
}

/** A text of a CPE name without the backslashes that quote punctuation: `erlang/otp` of `erlang\\/otp`. */
export function unquoted(text: string): string {
	return text.replaceAll(/\\(.)/gsu, "$1");
}

/** Parts between colons, with the backslashes gone that quote punctuation. */
function componentsOf(text: string): readonly string[] {
	const quoted = /\\(.)|:/gsu;
	const parts: string[] = [];
	let part = "";
	let from = 0;
	for (let match = quoted.exec(text); match; match = quoted.exec(text)) {
		part += text.slice(from, match.index) + (match[1] ?? "");
		from = quoted.lastIndex;
		if (match[1] !== undefined) continue;
		parts.push(part);
		part = "";
	}
	return [...parts, part + text.slice(from)];
}

const foreignSystems: readonly string[] = [
	"windows",
	"macos",
	"mac_os",
	"mac_os_x",
	"iphone_os",
	"android",
	"aix",
	"solaris",
	"freebsd",
];

/** Whether a product is built for a system that no container image of Linux holds. */
export function isForeign({ part, product, targetSoftware }: Cpe): boolean {
	if (foreignSystems.includes(targetSoftware)) return true;
	if (part !== "o") return false;
	const [vendor, name = ""] = product.split(":");
	return vendor === "microsoft" || vendor === "apple" || foreignSystems.includes(name);
}
