import { counted, isOsPackageType, type OperatingSystem, type Warning } from "#model";
import { rowOfOs } from "./ecosystems.ts";
import type { Inventory, UnreadFile } from "./inventory/merge.ts";
import { describeOs } from "./leftovers.ts";

/** What an inventory lacks, so that an image of which little was recognised is never called complete. */
export function unrecognised(inventory: Inventory, osOwned: "drop" | "keep"): Warning[] {
	return [...unreadPackages(inventory, osOwned), ...missingSystem(inventory)];
}

/** A release that gets no fixes any more: its last supported day is over. */
export function pastEndOfLife(os: OperatingSystem | null, now: Date): Warning[] {
	if (!os?.eol || os.eol >= now.toISOString().slice(0, 10)) return [];
	const message = `${describeOs(os)} has had no security updates since ${os.eol}: what was found after that day has no fix there.`;
	return [{ code: "os_end_of_life", message }];
}

function unreadPackages({ unread }: Inventory, osOwned: "drop" | "keep"): Warning[] {
	const counted = unread.filter((file) => osOwned === "keep" || !file.owned);
	return [...Map.groupBy(counted, (file) => file.kind)].map(
		([kind, files]): Warning => ({
			code: "packages_unsupported",
			message: `${kind} packages were found (${places(files)}), but Plimsoll cannot read them yet.`,
		}),
	);
}

function places(files: readonly UnreadFile[]): string {
	return files.length === 1 ? `${files[0]?.path}` : `${counted(files.length, "file")}, ${files[0]?.path} for one`;
}

function missingSystem({ os, packages, unread }: Inventory): Warning[] {
	if (os !== null) return packages.some((pkg) => isOsPackageType(pkg.type)) ? [] : [withoutPackages(os)];
	if (packages.length === 0 && unread.length === 0) {
		const message = "Neither an operating system nor any package was recognised, so nothing was judged.";
		return [{ code: "os_unknown", message }];
	}
	const message =
		"The image does not say which operating system it is (no os-release file): only language packages were judged.";
	return [{ code: "os_absent", message }];
}

function withoutPackages(os: OperatingSystem): Warning {
	const name = describeOs(os);
	return rowOfOs(os)
		? {
				code: "packages_missing",
				message: `${name} was recognised, but no database of its packages was found: they were not looked at.`,
			}
		: { code: "os_unsupported", message: `${name} is not supported yet: its packages were not looked at.` };
}
