import type { Warning } from "#model";
import type { Cataloger, CatalogSink, FileInfo } from "../types.ts";
import { wholeFile } from "../whole-file.ts";
import { readJournal } from "./journal.ts";
import { parseDatabase } from "./parse-database.ts";
import { parseManifest } from "./parse-manifest.ts";
import { FileStore } from "./stored-file.ts";

/** Where distributions keep the database: RHEL to 8, SUSE and Fedora since 36, image-based systems (rpm-ostree). */
const folders = ["var/lib/rpm", "usr/lib/sysimage/rpm", "usr/share/rpm"];
const forms = ["Packages", "Packages.db", "rpmdb.sqlite"];

const databases = new Set(folders.flatMap((folder) => forms.map((form) => `${folder}/${form}`)));
const journals = new Set(
	folders.flatMap((folder) => ["-wal", "-journal"].map((end) => `${folder}/rpmdb.sqlite${end}`)),
);
const manifest = "var/lib/rpmmanifest/container-manifest-2";

/** A server's database has 20 to 150 MiB, a full desktop's under 300. */
const databaseLimit = 512 * 1024 * 1024;
const manifestLimit = 64 * 1024 * 1024;

/**
 * RPM packages and the files that they own, from rpm's database in all its three forms (Berkeley DB, ndb, SQLite), or
 * from the list that images without rpm carry.
 */
export const rpm: Cataloger = {
	id: "rpm",
	version: 1,
	databases: [...databases, manifest],
	wants: ({ path, size }) => databases.has(path) || path === manifest || (size > 0 && journals.has(path)),
	open(file: FileInfo) {
		if (file.path === manifest) return wholeFile(file, manifestLimit, parseManifest);
		return journals.has(file.path) ? readJournal(file) : storeDatabase(file);
	},
};

/** Holds the database, up to the limit, and parses it at its end. */
export function storeDatabase(file: FileInfo, limit: number = databaseLimit): CatalogSink {
	const store = new FileStore();
	let tooLarge = file.size > limit;
	return {
		write(chunk) {
			if (tooLarge) return;
			if (store.length + chunk.length > limit) {
				tooLarge = true;
				store.clear();
			} else store.append(chunk);
		},
		end() {
			if (tooLarge) return { packages: [], warnings: [tooLargeWarning(file, limit)] };
			const result = parseDatabase(store, file.path);
			store.clear();
			return result;
		},
	};
}

function tooLargeWarning({ path }: FileInfo, limit: number): Warning {
	const mebibytes = limit / 1024 / 1024;
	const message = `The file is larger than ${mebibytes} MiB and was not read; packages that it lists are missing.`;
	return { code: "file_too_large", message, path };
}
