import type { Cataloger, CatalogSink, FileInfo } from "../types.ts";
import { scanForRust } from "./rust.ts";

interface Evidence {
	readonly kind: string;
	readonly path: RegExp;
}

/** Files that list packages, or are one, of kinds that no cataloger reads yet. Patterns after Trivy's (image mode). */
const evidence: readonly Evidence[] = [
	{
		kind: "RPM",
		path: /^(?:(?:usr\/lib\/sysimage|var\/lib)\/rpm\/(?:Packages|Packages\.db|rpmdb\.sqlite)|usr\/share\/rpm\/rpmdb\.sqlite)$/,
	},
	{ kind: "RPM", path: /^var\/lib\/rpmmanifest\/container-manifest-2$/ },
	{ kind: "Python", path: /\.dist-info\/METADATA$|\.egg-info(?:\/(?:PKG-INFO|METADATA))?$|\/EGG-INFO\/PKG-INFO$/ },
	{ kind: "Ruby", path: /\/specifications\/.+\.gemspec$/ },
	{ kind: "PHP", path: /(?:^|\/)composer\/installed\.json$/ },
	{ kind: "Java", path: /\.(?:jar|war|ear|par)$/i },
	{ kind: ".NET", path: /\.deps\.json$/ },
	{ kind: "Conda", path: /(?:^|\/)conda-meta\/[^/]+-[^/]+-[^/]+\.json$/ },
];

/**
 * Notices packages that have no cataloger yet, so that a report can say that they were not looked at.
 * The path alone tells all but one kind, and such a body is not read; Rust executables are told by a section's name.
 */
export const unread: Cataloger = {
	id: "unread",
	version: 1,
	wants: (file) => kindOf(file) !== null || isExecutable(file),
	open: (file) => {
		const kind = kindOf(file);
		return kind === null ? scanForRust() : known(kind);
	},
};

function kindOf({ path, size }: FileInfo): string | null {
	if (size === 0) return null;
	return evidence.find((item) => item.path.test(path))?.kind ?? null;
}

function isExecutable({ mode }: FileInfo): boolean {
	return (mode & 0o111) !== 0;
}

function known(kind: string): CatalogSink {
	return { write() {}, end: () => ({ packages: [], unread: { kind }, warnings: [] }) };
}
