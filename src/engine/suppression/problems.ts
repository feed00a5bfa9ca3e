import { counted } from "#model";
import { examples } from "./text.ts";

/** Why something of a file could not be applied: the end of a sentence on one, and on several. */
const kinds = {
	unidentified: [
		"product is named neither by a package URL nor as an image, so what the file says of it was not applied",
		"products are named neither by a package URL nor as an image, so what the file says of them was not applied",
	],
	nested: [
		"statement is about a package inside another package; what else uses that package is not known, so it was not applied",
		"statements are about packages inside other packages; what else uses those packages is not known, so they were not applied",
	],
	platform: [
		"product is for a platform that cannot be told from an image, so what the file says of it was not applied",
		"products are for platforms that cannot be told from an image, so what the file says of them was not applied",
	],
	range: [
		"product is named by a range of versions, which is not read, so what the file says of it was not applied",
		"products are named by ranges of versions, which are not read, so what the file says of them was not applied",
	],
	productless: [
		"statement names no product, so it applies to nothing",
		"statements name no product, so they apply to nothing",
	],
	nameless: [
		"statement does not name its vulnerability and was not applied",
		"statements do not name their vulnerability and were not applied",
	],
	status: [
		"statement has a status that is unknown and was not applied",
		"statements have a status that is unknown and were not applied",
	],
	time: [
		"statement has a date that cannot be read, and counts as older than the others",
		"statements have a date that cannot be read, and count as older than the others",
	],
	line: ["line cannot be understood and was not applied", "lines cannot be understood and were not applied"],
	entry: ["entry cannot be understood and was not applied", "entries cannot be understood and were not applied"],
} as const satisfies Record<string, readonly [one: string, many: string]>;

export type ProblemKind = keyof typeof kinds;

/** Gathers what could not be applied, so that each reason makes one sentence however often it holds. */
export interface Problems {
	add(kind: ProblemKind, what: string): void;
	sentences(): readonly string[];
}

export function gatherProblems(file: string): Problems {
	const found = new Map<ProblemKind, string[]>();
	return {
		add(kind, what) {
			const list = found.get(kind);
			if (list) list.push(what);
			else found.set(kind, [what]);
		},
		sentences: () =>
			[...found].map(([kind, whats]) => {
				const [one, many] = kinds[kind];
				return `${file}: ${counted(new Set(whats).size, one, many)}: ${examples(whats)}.`;
			}),
	};
}
