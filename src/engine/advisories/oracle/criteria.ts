/**
 * The criteria of an OVAL definition of Oracle's: a tree of AND and OR whose leaves say in words, always the same, what
 * is tested. The words are read, as the tests, objects and states they stand for come only after all definitions.
 * https://linux.oracle.com/security/oval/ and https://oval.mitre.org/language/version5.3/
 */
import { feedLimits } from "../feed-limits.ts";
import { printable } from "../feed-text.ts";
import { type JsonObject, Malformed } from "../json.ts";
import { evrOf, rpmNameAt } from "../rpm-names.ts";
import { attributeOf, childrenOf } from "../xml-record.ts";

/** A package and the version that it must be below, where all else holds. */
export interface Fix {
	/** `9`; null when the criteria do not tell. */
	readonly release: string | null;
	readonly arch: string | null;
	/** `nodejs:18`. */
	readonly module: string | null;
	readonly name: string;
	readonly fixed: string;
}

type Circumstances = Pick<Fix, "release" | "arch" | "module">;

const anywhere: Circumstances = { release: null, arch: null, module: null };

/** All packages that a definition names. Throws `Malformed`, also for words that are not known. */
export function fixesOf(definition: JsonObject): readonly Fix[] {
	const fixes: Fix[] = [];
	for (const criteria of childrenOf(definition, "criteria")) walk(criteria, anywhere, fixes);
	return fixes;
}

/** `xmlElements` caps the depth of the tree. */
function walk(criteria: JsonObject, around: Circumstances, fixes: Fix[]): void {
	const operator = attributeOf(criteria, "operator") ?? "AND";
	if (operator !== "AND" && operator !== "OR")
		throw new Malformed(`its criteria have the operator ${printable(operator)}`);
	if (attributeOf(criteria, "negate") === "true") throw new Malformed("its criteria are negated");
	const leaves = childrenOf(criteria, "criterion").map((leaf) => leafOf(attributeOf(leaf, "comment") ?? ""));
	const conditions = leaves.filter((leaf) => leaf.kind === "condition");
	if (operator === "OR" && conditions.length > 0)
		throw new Malformed("its criteria have a condition among alternatives");
	const here = conditions.reduce<Circumstances>((all, { sets }) => ({ ...all, ...sets }), around);
	for (const leaf of leaves) if (leaf.kind === "fix") fixes.push({ ...here, name: leaf.name, fixed: leaf.fixed });
	if (fixes.length > feedLimits.packages) throw new Malformed(`it lists more than ${feedLimits.packages} packages`);
	for (const child of childrenOf(criteria, "criteria")) walk(child, here, fixes);
}

type Leaf =
	| { readonly kind: "fix"; readonly name: string; readonly fixed: string }
	| { readonly kind: "condition"; readonly sets: Partial<Circumstances> }
	/** Who signed a package is not looked at. */
	| { readonly kind: "signature" };

function leafOf(comment: string): Leaf {
	const text = comment.trim();
	if (text.length > 2048) throw new Malformed("a criterion is too long");
	const fix = /^(\S+) is earlier than (?:(\d+):)?(\S+)$/.exec(text);
	if (fix) {
		const name = rpmNameAt(fix[1], "a criterion");
		return { kind: "fix", name, fixed: evrOf(fix[2], fix[3] ?? "", name) };
	}
	if (/ is signed with the Oracle Linux .*key$/.test(text)) return { kind: "signature" };
	const release = /^Oracle Linux (\d+) is installed$/.exec(text)?.[1];
	if (release !== undefined) return { kind: "condition", sets: { release } };
	const arch = /^Oracle Linux arch is (\S+)$/.exec(text)?.[1];
	if (arch !== undefined) return { kind: "condition", sets: { arch } };
	const module = /^Module ([^\s:]+:[^\s:]+) is enabled$/.exec(text)?.[1];
	if (module !== undefined) return { kind: "condition", sets: { module } };
	throw new Malformed(`a criterion is not understood: ${printable(text)}`);
}
