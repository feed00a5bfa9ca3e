import { isExactImage } from "../image-match.ts";
import { isObject, type JsonObject, listIn, objectIn, objectsIn, textIn } from "../json.ts";
import { isIdentified, type Product, readProduct } from "../product.ts";

/** A component of the document, or what a reference tells by itself. */
export interface Referred {
	readonly product: Product;
	/** For people. */
	readonly name: string;
}

/** Finds what `affects[].ref` points to. */
export interface Components {
	/** The image that the document is about, when it is about one. */
	readonly image: Product["images"] | null;
	find(ref: string): Referred;
}

/**
 * https://cyclonedx.org/docs/1.6/json/#vulnerabilities_items_affects_items_ref: a `bom-ref` of this document, or a
 * BOM-Link `urn:cdx:SERIAL/VERSION#BOM-REF` into this or another one. References are package URLs more often than not.
 */
export function readComponents(document: JsonObject): Components {
	const root = objectIn(objectIn(document["metadata"])["component"]);
	const byRef = new Map<string, Referred>();
	for (const component of everyComponent(document, root)) {
		const ref = textIn(component["bom-ref"]);
		if (ref !== undefined) byRef.set(ref, { product: productOf(component), name: nameOf(component) });
	}
	const own = textIn(document["serialNumber"])
		?.toLowerCase()
		.replace(/^urn:uuid:/, "");
	const { images } = productOf(root);
	return {
		image: images.length > 0 ? images : null,
		find(ref) {
			const direct = byRef.get(ref);
			if (direct) return direct;
			const [, serial, fragment = ""] = /^urn:cdx:([0-9a-f-]+)\/\d+#(.*)$/i.exec(ref) ?? [];
			if (serial === undefined) return { product: readProduct([ref]), name: ref };
			const target = byRef.get(fragment) ?? byRef.get(decoded(fragment));
			if (serial.toLowerCase() === own && target) return target;
			const whole = readProduct([fragment]);
			return { product: isIdentified(whole) ? whole : readProduct([decoded(fragment)]), name: ref };
		},
	};
}

/** Components in components; the reader of the JSON has limited how deep they go. */
function* everyComponent(document: JsonObject, root: JsonObject): Generator<JsonObject> {
	const waiting: unknown[] = [[root], document["components"], document["services"]];
	for (let at = 0; at < waiting.length; at += 1) {
		for (const component of listIn(waiting[at])) {
			if (!isObject(component)) continue;
			yield component;
			for (const inner of [component["components"], component["services"]])
				if (inner !== undefined) waiting.push(inner);
		}
	}
}

/** A container is named by its package URL, by a digest as its version or hash, or by its reference. */
function productOf(component: JsonObject): Product {
	const purl = textIn(component["purl"]);
	const names = purl === undefined ? [] : [purl];
	if (component["type"] !== "container") return readProduct(names);
	const name = textIn(component["name"]);
	const version = textIn(component["version"]);
	const hashes = objectsIn(component["hashes"]).flatMap(({ alg, content }) =>
		alg === "SHA-256" && typeof content === "string" ? [`sha256:${content}`] : [],
	);
	const { images } = readProduct([...names, ...(version === undefined ? [] : [version]), ...hashes]);
	const exact = images.filter(isExactImage);
	if (exact.length > 0) return { images: exact, packages: [] };
	return { images: images.length > 0 || name === undefined ? images : readProduct([name]).images, packages: [] };
}

function nameOf(component: JsonObject): string {
	return (
		[textIn(component["name"]), textIn(component["version"])].filter(Boolean).join(" ") || "a component without name"
	);
}

function decoded(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}
