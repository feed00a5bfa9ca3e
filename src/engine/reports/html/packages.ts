import { compareText, counted, isOsPackageType, type ReportPackage } from "#model";
import type { Part } from "../parts.ts";
import { printable } from "../printable.ts";
import { type Html, html } from "./markup.ts";

/** The inventory, when it was asked for: what several images share is listed once. */
export function packagesSection(parts: readonly Part[]): Html | null {
	if (!parts.some((part) => part.report.packages !== undefined)) return null;
	const listed = merged(parts);
	return html`<section class="panel"><details class="fold"><summary><h2>${counted(listed.length, "package")} installed</h2></summary>
<div class="scroll"><table><thead><tr><th scope="col">Type</th><th scope="col">Package</th><th scope="col">Version</th><th scope="col">Layer</th><th scope="col">Where</th></tr></thead>
<tbody>${listed.map((each) => row(each, parts.length))}</tbody></table></div></details></section>
`;
}

interface ListedPackage {
	readonly pkg: ReportPackage;
	readonly layers: Set<number>;
	readonly paths: Set<string>;
	readonly labels: Set<string>;
}

function row({ pkg, layers, paths, labels }: ListedPackage, all: number): Html {
	const where = labels.size < all ? html`<div class="soft">only on ${[...labels].join(", ")}</div>` : null;
	const files = [...paths].map((path) => html`<div><code>${printable(path)}</code></div>`);
	return html`<tr><td>${printable(pkg.type)}</td><td>${printable(pkg.name)}</td><td class="mono">${printable(pkg.version)}</td><td>${[...layers].join(", ")}</td><td>${files}${where}</td></tr>
`;
}

function merged(parts: readonly Part[]): readonly ListedPackage[] {
	const all = new Map<string, ListedPackage>();
	for (const { label, report } of parts) {
		for (const pkg of report.packages ?? []) {
			const key = [pkg.type, pkg.name, pkg.version].join("\0");
			const known = all.get(key) ?? { pkg, layers: new Set(), paths: new Set(), labels: new Set() };
			all.set(key, known);
			known.layers.add(pkg.layer);
			known.labels.add(label);
			// The file that lists an OS package is the same for all of them and tells a reader nothing.
			if (!isOsPackageType(pkg.type)) for (const path of pkg.paths) known.paths.add(path);
		}
	}
	return [...all.values()].sort(
		(a, b) =>
			compareText(a.pkg.type, b.pkg.type) ||
			compareText(a.pkg.name, b.pkg.name) ||
			compareText(a.pkg.version, b.pkg.version),
	);
}
