/**
 * Statements as few entries as say the same: a file may list a package once for each of a hundred products and
 * architectures.
 */
import type { Affected } from "#model";
import type { Statement } from "./statuses.ts";

const ecosystem = "Red Hat";

/** An entry whose only architecture this is speaks of the source package, by its name and version. */
const source = "src";

/** `usual` is the impact that holds where an entry tells none. */
export function entriesOf(statements: readonly Statement[], usual: string | null): readonly Affected[] {
	const kept = withoutBuiltSources(statements);
	const alike = Map.groupBy(kept, ({ component, module, erratum, state, impact }) => {
		const speaksOfSource = component.arch === source;
		return JSON.stringify([component.name, component.evr, module, erratum, state, impact, speaksOfSource]);
	});
	return [...alike.values()].flatMap((same) => byArches(same).map((group) => entryOf(group, usual)));
}

interface Group {
	readonly first: Statement;
	readonly cpes: readonly string[];
	/** Null: all. */
	readonly arches: readonly string[] | null;
}

/** Products that have a package on the same architectures share an entry; no product gets an architecture that it has not. */
function byArches(same: readonly Statement[]): readonly Group[] {
	const products = Map.groupBy(same, ({ cpe }) => cpe);
	const groups = Map.groupBy(products, ([, statements]) => {
		const arches = new Set(statements.map(({ component }) => component.arch ?? "noarch"));
		// A package that is for all architectures in one build may be for one in another.
		return arches.has("noarch") ? "" : [...arches].sort().join(" ");
	});
	const [first] = same as [Statement];
	return [...groups].map(([arches, members]) => ({
		first,
		cpes: members.map(([cpe]) => cpe).sort(),
		arches: arches === "" ? null : arches.split(" "),
	}));
}

function entryOf({ first, cpes, arches }: Group, usual: string | null): Affected {
	const { component, module, erratum, state, impact } = first;
	const fixed = component.evr !== null && state === null ? [{ fixed: component.evr }] : [];
	return {
		ecosystem,
		name: component.name,
		ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }, ...fixed] }],
		versions: [],
		...(impact === null || impact === usual ? {} : { severityWord: impact }),
		...(state === null ? {} : { state }),
		only: {
			...(arches === null ? {} : { arches }),
			...(module === null ? {} : { module }),
			products: cpes,
		},
		ratedBy: "redhat",
		...(erratum === null ? {} : { vendorIds: [erratum] }),
	};
}

/**
 * Older files list a fixed source package beside all that was built from it. Those say more: which of them are
 * affected, on which architectures, and their own epochs. A source stays where the product lists nothing of its name or
 * of its version and release.
 */
function withoutBuiltSources(statements: readonly Statement[]): readonly Statement[] {
	const built = new Set<string>();
	for (const { component, module, cpe, state } of statements) {
		if (state !== null || component.arch === source || component.evr === null) continue;
		built.add(`${cpe} ${module} ${component.name}`);
		built.add(`${cpe} ${module} @${withoutEpoch(component.evr)}`);
	}
	return statements.filter(({ component, module, cpe, state }) => {
		if (state !== null || component.arch !== source || component.evr === null) return true;
		const ofVersion = built.has(`${cpe} ${module} @${withoutEpoch(component.evr)}`);
		return !ofVersion && !built.has(`${cpe} ${module} ${component.name}`);
	});
}

function withoutEpoch(evr: string): string {
	return evr.replace(/^\d+:/, "");
}
