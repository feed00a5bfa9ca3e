/**
 * The product tree of a CSAF document of Red Hat's: products (CPE), components (purl), and what is a component of what.
 * https://docs.oasis-open.org/csaf/csaf/v2.0/os/csaf-v2.0-os.html#322-product-tree-property
 */
import { feedLimits } from "../feed-limits.ts";
import { isAbsent, isObject, type JsonObject, listAt, Malformed, objectAt, stringAt } from "../json.ts";
import { type Component, componentOf } from "./components.ts";

/** A package of a product, as a status names it. */
export interface ProductPackage {
	readonly component: Extract<Component, { readonly kind: "rpm" }>;
	readonly module: string | null;
	/** Of the product. */
	readonly cpe: string;
}

export interface ProductTree {
	/** Null for what is no package of a Red Hat product. Throws `Malformed`, also for what the tree does not have. */
	resolve(id: string): ProductPackage | null;
}

interface Relationship {
	readonly component: string;
	readonly of: string;
}

/** Entries of the tree in all; the kernel's files have some 100,000. */
const mostEntries = 2_000_000;
/** Branches in branches. */
const mostDepth = 20;

/** Throws `Malformed`. */
export function productTreeOf(value: unknown): ProductTree {
	const tree = isAbsent(value) ? {} : objectAt(value, "product_tree");
	const products = new Map<string, JsonObject>();
	addBranches(tree["branches"], products, 0);
	for (const product of listAt(tree["full_product_names"], "product_tree.full_product_names", mostEntries))
		addProduct(product, products);
	const relationships = new Map<string, Relationship>();
	for (const entry of listAt(tree["relationships"], "product_tree.relationships", mostEntries))
		addRelationship(entry, relationships);
	const components = new Map<string, Component>();
	const component = (id: string): Component => {
		let known = components.get(id);
		if (!known) components.set(id, (known = componentOf(id, productAt(products, id))));
		return known;
	};
	return {
		resolve: (id) => {
			const relationship = relationships.get(id);
			if (!relationship) {
				// A product as a whole, or nothing that is known.
				productAt(products, id);
				return null;
			}
			const found = component(relationship.component);
			if (found.kind !== "rpm") return null;
			const around = relationships.get(relationship.of);
			const inModule = around && component(around.component);
			const module = inModule?.kind === "module" ? inModule.module : found.module;
			const cpe = cpeOf(productAt(products, around ? around.of : relationship.of));
			if (cpe === null || (found.bare && !isLinux(cpe))) return null;
			return { component: found, module, cpe };
		},
	};
}

function addBranches(value: unknown, products: Map<string, JsonObject>, depth: number): void {
	if (depth > mostDepth) throw new Malformed(`product_tree has branches deeper than ${mostDepth} levels`);
	for (const branch of listAt(value, "branches", mostEntries)) {
		const fields = objectAt(branch, "a branch");
		if (!isAbsent(fields["product"])) addProduct(fields["product"], products);
		addBranches(fields["branches"], products, depth + 1);
	}
}

function addProduct(value: unknown, products: Map<string, JsonObject>): void {
	const product = objectAt(value, "a product");
	products.set(stringAt(product["product_id"], "product_id", 4096), product);
	if (products.size > mostEntries) throw new Malformed("product_tree is too large");
}

function addRelationship(value: unknown, relationships: Map<string, Relationship>): void {
	const entry = objectAt(value, "a relationship");
	const whole = objectAt(entry["full_product_name"], "full_product_name");
	relationships.set(stringAt(whole["product_id"], "product_id", 4096), {
		component: stringAt(entry["product_reference"], "product_reference", 4096),
		of: stringAt(entry["relates_to_product_reference"], "relates_to_product_reference", 4096),
	});
}

function productAt(products: ReadonlyMap<string, JsonObject>, id: string): JsonObject {
	const product = products.get(id);
	if (!product) throw new Malformed(`the product tree does not have ${id.slice(0, 200).replaceAll(/\p{Cc}/gu, "?")}`);
	return product;
}

/** Whether a product is RHEL, or one of its extended streams. */
function isLinux(cpe: string): boolean {
	return /^cpe:\/[ao]:redhat:(?:enterprise_linux|rhel)/.test(cpe);
}

/** `cpe:/a:redhat:enterprise_linux:9::appstream`. */
function cpeOf(product: JsonObject): string | null {
	const helper = product["product_identification_helper"];
	const cpe = isObject(helper) ? helper["cpe"] : undefined;
	if (typeof cpe !== "string" || !cpe.startsWith("cpe:/")) return null;
	if (cpe.length > feedLimits.name || !/^[\x21-\x7e]+$/.test(cpe)) throw new Malformed("a CPE is malformed");
	return cpe;
}
