import { counted, isOsPackageType, type ReportPackage } from "#model";
import { type Part } from "../parts.ts";
import { printable } from "../printable.ts";
import { hanging, row, widthOf } from "./layout.ts";
import type { Style } from "./style.ts";

/** The inventory, when it was asked for: what several children share is listed once. */
export function renderPackages(parts: readonly Part[], style: Style): readonly string[] {
	if (!parts.some((part) => part.report.packages !== undefined)) return [];
	const listed = [...merge(parts).values()].sort(byName);
	// A root filesystem has none.
	const hasLayers = parts.some((part) => part.report.artifact.layers.length > 0);
	const room = style.columns - 2;
	const type = widest(
		listed.map(({ pkg }) => pkg.type),
		4,
	);
	const name = Math.min(
		widest(
			listed.map(({ pkg }) => pkg.name),
			4,
		),
		Math.floor(room * 0.4),
	);
	const version = Math.min(
		widest(
			listed.map(({ pkg }) => pkg.version),
			7,
		),
		Math.floor(room * 0.3),
	);
	const lines = listed.flatMap(({ pkg, layers, paths, labels }) => [
		...(style.columns < tableWidth
			? sentence(pkg, hasLayers ? layers : new Set(), style)
			: row(
					[
						{ text: printable(pkg.type), width: type },
						{ text: printable(pkg.name), width: name },
						{ text: printable(pkg.version) || "(no version)", width: version },
						...(hasLayers
							? [{ text: `layer ${[...layers].join(", ")}`, width: Math.max(8, room - type - name - version - 6) }]
							: []),
					],
					2,
				)),
		...[...paths].flatMap((path) => hanging(" ".repeat(6), printable(path), style.columns)).map(dim(style)),
		...(labels.size < parts.length ? hanging(" ".repeat(6), `only on ${[...labels].join(", ")}`, style.columns) : []),
	]);
	return [style.paint("bold", counted(listed.length, "package")), ...lines, ""];
}

/** The least width in which type, name, version and layers fit side by side. */
const tableWidth = 60;

function sentence(pkg: ReportPackage, layers: ReadonlySet<number>, style: Style): readonly string[] {
	const named = [pkg.type, pkg.name, pkg.version].map(printable).filter(Boolean).join(" ");
	return hanging("  ", layers.size === 0 ? named : `${named}, layer ${[...layers].join(", ")}`, style.columns);
}

function widest(texts: readonly string[], least: number): number {
	return texts.reduce((width, text) => Math.max(width, widthOf(printable(text))), least);
}

interface ListedPackage {
	readonly pkg: ReportPackage;
	readonly layers: Set<number>;
	readonly paths: Set<string>;
	readonly labels: Set<string>;
}

function merge(parts: readonly Part[]): ReadonlyMap<string, ListedPackage> {
	const merged = new Map<string, ListedPackage>();
	for (const { label, report } of parts) {
		for (const pkg of report.packages ?? []) {
			const key = `${pkg.type}\0${pkg.name}\0${pkg.version}`;
			const known = merged.get(key) ?? { pkg, layers: new Set(), paths: new Set(), labels: new Set() };
			merged.set(key, known);
			known.layers.add(pkg.layer);
			known.labels.add(label);
			if (!isOsPackageType(pkg.type)) for (const path of pkg.paths) known.paths.add(path);
		}
	}
	return merged;
}

const naturally = new Intl.Collator("en", { numeric: true });

function byName(a: ListedPackage, b: ListedPackage): number {
	const [x, y] = [a.pkg, b.pkg];
	return (
		x.type.localeCompare(y.type, "en") || naturally.compare(x.name, y.name) || naturally.compare(x.version, y.version)
	);
}

function dim(style: Style): (line: string) => string {
	return (line) => style.paint("dim", line);
}
