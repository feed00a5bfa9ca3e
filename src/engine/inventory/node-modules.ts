import { ancestors } from "./ancestors.ts";

/** Finds the folder of a package that one in another folder needs, by name; null when it is not there, or not for sure. */
export type ResolveModule = (fromFolder: string, name: string) => number | null;

/**
 * Node's resolution over the folders of installed packages: the nearest `node_modules/<name>` upwards
 * (https://nodejs.org/api/modules.html, "Loading from node_modules folders"), through symbolic links where `links` has
 * them (path to target, as it is written). pnpm and its like keep packages in a store, `node_modules/.pnpm/<name>@…/
 * node_modules/<name>`, and Yarn's Plug'n'Play in archives, `.yarn/cache/<…>.zip/node_modules/<name>`: there, without
 * links, a name counts when the store has it in one version only.
 * `folders[i]` is the folder of package i; resolution gives such an index.
 */
export function moduleResolver(folders: readonly string[], links: ReadonlyMap<string, string>): ResolveModule {
	const byFolder = new Map(folders.map((folder, index) => [folder, index]));
	const stores = storesOf(folders);
	const holders = new Set([...folders, ...links.keys()].flatMap((path) => holderOf(path) ?? []));
	const places = new Map<string, Places>();

	function placesFor(folder: string): Places {
		const known = places.get(folder);
		if (known) return known;
		const above = [folder, ...ancestors(folder), ""];
		const found: Places = {
			holders: above
				.filter((at) => at !== "node_modules" && !at.endsWith("/node_modules"))
				.map((at) => (at === "" ? "node_modules" : `${at}/node_modules`))
				.filter((holder) => holders.has(holder)),
			stores: [...above, anywhere].flatMap((at) => stores.get(at) ?? []),
		};
		places.set(folder, found);
		return found;
	}

	return (fromFolder, name) => {
		const { holders, stores } = placesFor(fromFolder);
		for (const holder of holders) {
			const path = `${holder}/${name}`;
			const target = links.get(path);
			const found = byFolder.get(target === undefined ? path : follow(path, target));
			if (found !== undefined) return found;
		}
		for (const names of stores) {
			const found = names.get(name);
			if (found !== undefined) return found;
		}
		return null;
	};
}

/** Where packages are looked for from one folder, nearest first. */
interface Places {
	readonly holders: readonly string[];
	readonly stores: readonly Store[];
}

/** Packages by name; null where the store has several versions. */
type Store = Map<string, number | null>;

/** `a/node_modules` of `a/node_modules/b` and `a/node_modules/@s/b`. */
function holderOf(folder: string): string | null {
	const at = folder.lastIndexOf("node_modules/");
	if (at < 0 || (at > 0 && folder[at - 1] !== "/")) return null;
	return folder.slice(0, at + "node_modules".length);
}

/** A symbolic link's target, relative to the image's root. */
function follow(path: string, target: string): string {
	const parts = target.startsWith("/") ? [] : path.split("/").slice(0, -1);
	for (const part of target.split("/")) {
		if (part === "..") parts.pop();
		else if (part !== "" && part !== ".") parts.push(part);
	}
	return parts.join("/");
}

/** `node_modules/.pnpm/a@1.0.0/node_modules/a`, `.yarn/cache/a-npm-1.0.0-0a.zip/node_modules/a`: root, store and name. */
const stored =
	/^(?<root>(?:.*\/)?)(?<store>node_modules\/\.[^/]+|\.yarn\/(?:berry\/)?cache)\/[^/]+\/node_modules\/(?<name>(?:@[^/]+\/)?[^/]+)$/;

/** Stands for the root of stores that projects anywhere use: Yarn's in the user's home. */
const anywhere = "/";

/** Stores by the folder that uses them. */
function storesOf(folders: readonly string[]): ReadonlyMap<string, readonly Store[]> {
	const stores = new Map<string, Store>();
	const byRoot = new Map<string, Store[]>();
	for (const [index, folder] of folders.entries()) {
		if (!folder.includes("/.") && !folder.startsWith(".")) continue;
		const { root = "", store, name } = stored.exec(folder)?.groups ?? {};
		if (store === undefined || name === undefined) continue;
		const key = `${root}${store}`;
		let names = stores.get(key);
		if (!names) {
			names = new Map();
			stores.set(key, names);
			const user = store.endsWith("berry/cache") ? anywhere : root.slice(0, -1);
			byRoot.set(user, [...(byRoot.get(user) ?? []), names].slice(0, storesLimit));
		}
		names.set(name, names.has(name) ? null : index);
	}
	return byRoot;
}

/** Stores of one folder: pnpm's and Yarn's together are two. */
const storesLimit = 4;
