import type { FuzzTarget } from "./target.ts";
import { advisoryTargets } from "./targets/advisories.ts";
import { archiveCatalogers } from "./targets/archives.ts";
import { textCatalogers } from "./targets/catalogers.ts";
import { documentTargets } from "./targets/documents.ts";
import { exchangeTargets } from "./targets/exchange.ts";
import { executableCatalogers } from "./targets/executables.ts";
import { feedTargets } from "./targets/feeds.ts";
import { imageTargets } from "./targets/image.ts";
import { languageCatalogers } from "./targets/languages.ts";
import { packingTargets } from "./targets/packings.ts";
import { plantedTargets } from "./targets/planted.ts";
import { rpmTargets } from "./targets/rpm.ts";
import { sbomTargets } from "./targets/sboms.ts";
import { suppressionTargets } from "./targets/suppressions.ts";
import { versionTargets } from "./targets/versions.ts";

/** Everything that reads what others wrote. */
export const targets: readonly FuzzTarget[] = [
	...documentTargets,
	...imageTargets,
	...textCatalogers,
	...languageCatalogers,
	...archiveCatalogers,
	...executableCatalogers,
	...rpmTargets,
	...sbomTargets,
	...versionTargets,
	...advisoryTargets,
	...feedTargets,
	...packingTargets,
	...suppressionTargets,
	...exchangeTargets,
];

export function targetNamed(name: string): FuzzTarget {
	const found = [...targets, ...plantedTargets].find((target) => target.name === name);
	if (!found) throw new Error(`There is no fuzz target ${name}.`);
	return found;
}
