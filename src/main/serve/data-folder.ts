/** One folder holds everything that must be kept: `postgres`, `advisories`, `samples`, `layers`, `secret.key`. */
import { accessSync, chmodSync, constants, mkdirSync, readdirSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { CliError } from "#cli";

export interface DataFolder {
	readonly root: string;
	readonly postgres: string;
	/** Of the advisory database. */
	readonly advisories: string;
	/** OCI layouts, one a repository. */
	readonly samples: string;
	/** Inventories of layers that were read before; may be removed at any time. */
	readonly layers: string;
}

/** Below this a first start does not succeed: PostgreSQL alone takes 150 MB. */
const leastFree = 300 * 1024 * 1024;

/** @throws CliError data_folder_unusable */
export function openDataFolder(root: string): DataFolder {
	try {
		// PostgreSQL may run as another user, who must come through; nothing but the way is open.
		if (mkdirSync(root, { recursive: true }) !== undefined) chmodSync(root, 0o711);
		accessSync(root, constants.R_OK | constants.W_OK | constants.X_OK);
		if (readdirSync(root).length === 0) refuseFullDisk(root);
	} catch (cause) {
		if (cause instanceof CliError || !(cause instanceof Error)) throw cause;
		throw new CliError(
			"data_folder_unusable",
			`The data folder ${root} cannot be used: ${cause.message}`,
			"Check its owner and permissions, or choose another one with --data.",
			cause,
		);
	}
	return {
		root,
		postgres: join(root, "postgres"),
		advisories: join(root, "advisories"),
		samples: join(root, "samples"),
		layers: join(root, "layers"),
	};
}

function refuseFullDisk(root: string): void {
	const { bavail, bsize } = statfsSync(root);
	if (bavail * bsize >= leastFree) return;
	throw new CliError(
		"data_folder_unusable",
		`There are only ${Math.floor((bavail * bsize) / 1024 / 1024)} MB free for the data folder ${root}.`,
		`Make room (${leastFree / 1024 / 1024} MB at least), or choose another folder with --data.`,
	);
}
