import { isExactImage } from "../image-match.ts";
import { isObject, type JsonObject, listIn, objectIn, objectsIn, textIn, textsIn } from "../json.ts";
import { mostScopes } from "../limits.ts";
import { malformedFile } from "../malformed.ts";
import type { Problems } from "../problems.ts";
import { isIdentified, type Product, readProduct, scopesOf } from "../product.ts";
import type { Scope } from "../types.ts";
import { osOfCpe } from "./platform.ts";

/** The places that a product identifier of a document stands for; none when it cannot be told, which is a problem. */
export type Resolve = (productId: string) => readonly Scope[];

/** A product as the tree names it. */
interface Named {
	readonly purls: readonly string[];
	readonly cpe: string | undefined;
	/** It stands for a range of versions, which its package URL may not tell. */
	readonly ranged: boolean;
}

/** `full_product_name` is `component` in or on `platform`. */
interface Relationship {
	readonly component: string;
	readonly platform: string;
}

/** Components of components: Red Hat's modules are two deep. */
const mostNested = 5;

/** https://docs.oasis-open.org/csaf/csaf/v2.0/os/csaf-v2.0-os.html#322-product-tree-property */
export function readProductTree(tree: JsonObject, file: string, problems: Problems): Resolve {
	const products = new Map<string, Named>();
	const relationships = new Map<string, Relationship>();
	for (const product of objectsIn(tree["full_product_names"])) keep(products, product, false);
	for (const { product, ranged } of branchProducts(tree)) keep(products, product, ranged);
	for (const entry of objectsIn(tree["relationships"])) {
		const whole = objectIn(entry["full_product_name"]);
		const component = textIn(entry["product_reference"]);
		const platform = textIn(entry["relates_to_product_reference"]);
		const id = textIn(whole["product_id"]);
		if (id !== undefined && component !== undefined && platform !== undefined)
			relationships.set(id, { component, platform });
	}
	let room = mostScopes;
	const take = (scopes: readonly Scope[]): readonly Scope[] => {
		room -= scopes.length;
		if (room < 0) throw malformedFile(file, `its product tree names more than ${mostScopes} products.`);
		return scopes;
	};
	const alone = remembered((id) => take(scopesOfProduct(id, products.get(id), problems)));
	const platformOf = remembered((id): Platform => {
		// A component of a component: which of both the outer one limits cannot be told.
		if (relationships.has(id)) return { kind: "nested" };
		const named = products.get(id);
		const product = readProduct(named?.purls ?? []);
		if (product.images.length > 0) return { kind: "images", images: product.images };
		if (product.packages.length > 0) return { kind: "nested" };
		const os = named?.cpe === undefined ? null : osOfCpe(named.cpe);
		return os === null ? { kind: "unknown" } : { kind: "os", os };
	});
	const scopesFor = (id: string, nested: number): readonly Scope[] => {
		const relationship = relationships.get(id);
		if (relationship === undefined) return alone(id);
		if (nested < mostNested) {
			const component = take(scopesFor(relationship.component, nested + 1));
			return placed(id, component, platformOf(relationship.platform), problems);
		}
		problems.add("nested", id);
		return [];
	};
	return remembered((id) => scopesFor(id, 0));
}

function remembered<T>(read: (id: string) => T): (id: string) => T {
	const known = new Map<string, T>();
	return (id) => {
		const before = known.get(id);
		if (before !== undefined) return before;
		const value = read(id);
		known.set(id, value);
		return value;
	};
}

type Platform =
	| { readonly kind: "images"; readonly images: Product["images"] }
	| { readonly kind: "os"; readonly os: NonNullable<Scope["os"]> }
	| { readonly kind: "nested" | "unknown" };

/** Limits a component to what it is part of. An image that is named by its digest is the same on every platform. */
function placed(id: string, component: readonly Scope[], platform: Platform, problems: Problems): readonly Scope[] {
	const scopes = component.flatMap((scope): readonly Scope[] => {
		if (scope.package === null && scope.images?.every(isExactImage)) return [scope];
		if (scope.package === null || scope.images !== null || scope.os !== null) return [];
		if (platform.kind === "images") return [{ ...scope, images: platform.images }];
		return platform.kind === "os" ? [{ ...scope, os: platform.os }] : [];
	});
	if (scopes.length < component.length) problems.add(platform.kind === "unknown" ? "platform" : "nested", id);
	return scopes;
}

function scopesOfProduct(id: string, named: Named | undefined, problems: Problems): readonly Scope[] {
	const product = readProduct(named?.purls ?? []);
	if (!isIdentified(product)) {
		problems.add("unidentified", id);
		return [];
	}
	const { images } = product;
	// Without a version the package URL would stand for all of them, which is more than the document says.
	const packages = product.packages.filter((pkg) => !named?.ranged || pkg.kind !== "purl" || pkg.purl.version !== null);
	if (packages.length < product.packages.length) problems.add("range", id);
	return scopesOf({ images, packages });
}

function keep(products: Map<string, Named>, product: JsonObject, ranged: boolean): void {
	const id = textIn(product["product_id"]);
	if (id === undefined) return;
	const { purl, purls, cpe } = objectIn(product["product_identification_helper"]);
	const known = products.get(id);
	products.set(id, {
		purls: [...(known?.purls ?? []), ...(typeof purl === "string" ? [purl] : []), ...textsIn(purls)],
		cpe: textIn(cpe) ?? known?.cpe,
		ranged: ranged || (known?.ranged ?? false),
	});
}

/** All products in the branches, whose depth the reader of the JSON has limited. */
function* branchProducts(tree: JsonObject): Generator<{ readonly product: JsonObject; readonly ranged: boolean }> {
	const waiting = [{ branches: tree["branches"], ranged: false }];
	for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
		for (const branch of listIn(next.branches)) {
			if (!isObject(branch)) continue;
			const ranged = next.ranged || isRange(branch);
			if (isObject(branch["product"])) yield { product: branch["product"], ranged };
			waiting.push({ branches: branch["branches"], ranged });
		}
	}
}

/** `vers:all/*` is no range: it stands for every version, as a package URL without a version does. */
function isRange(branch: JsonObject): boolean {
	return branch["category"] === "product_version_range" && branch["name"] !== "vers:all/*";
}
