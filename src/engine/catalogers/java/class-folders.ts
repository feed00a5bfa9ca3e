/** Where classes lie in an archive, apart from their packages. */
const roots = /^(?:(?:BOOT-INF|WEB-INF)\/classes\/|META-INF\/versions\/\d+\/)/;

/** Segments of a folder that tell whose it is: `org/example/product`. */
const headSegments = 3;

/** What is shaded into one archive comes from a dozen places or two. */
const headsLimit = 256;

/** The folders of an archive's classes, as they are told by its directory. */
export interface ClassFolders {
	/** The folder that all have in common (`org/example`), empty when there is none; null when there are no classes. */
	readonly common: string | null;
	/** The beginnings of all of them, as far as `headsLimit` goes. */
	readonly heads: ReadonlySet<string>;
}

export interface ClassNotes {
	note(name: string): void;
	folders(): ClassFolders;
}

export function classNotes(): ClassNotes {
	let common: string | null = null;
	let last: string | null = null;
	const heads = new Set<string>();
	return {
		note(name) {
			if (!name.endsWith(".class")) return;
			const place = name.slice(0, Math.max(0, name.lastIndexOf("/")));
			if (place === last) return;
			last = place;
			const path = name.replace(roots, "");
			if (path === "module-info.class" || path.startsWith("META-INF/")) return;
			const folder = path.slice(0, Math.max(0, path.lastIndexOf("/")));
			common = common === null ? folder : commonFolder(common, folder);
			if (heads.size < headsLimit) heads.add(folder.split("/", headSegments).join("/"));
		},
		folders: () => ({ common, heads }),
	};
}

function commonFolder(a: string, b: string): string {
	if (a === b || b.startsWith(`${a}/`)) return a;
	const [left, right] = [a.split("/"), b.split("/")];
	const end = left.findIndex((part, i) => part !== right[i]);
	return left.slice(0, end === -1 ? left.length : end).join("/");
}

/** Whether classes lie in `folder` (three segments at most) or below it. */
export function hasClassesIn(folder: string, { heads }: ClassFolders): boolean {
	for (const head of heads) if (head === folder || head.startsWith(`${folder}/`)) return true;
	return false;
}
