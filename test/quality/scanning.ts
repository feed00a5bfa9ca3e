/** Scans and databases of the quality gate, all in this process and without a network. */
import { join } from "node:path";
import {
	type AdvisoryStore,
	findDatabase,
	importDatabase,
	openAdvisories,
	openTarget,
	scan,
	updateAdvisories,
} from "#engine";
import type { Report } from "#model";
import { testdata } from "./testdata.ts";

/** The day of the pack: what a scan says of ages does not change with the day on which the gate is run. */
const today = () => new Date("2026-11-23T12:00:00Z");

/** `trivy.db` and `metadata.json`, as a registry's layer holds them. */
export const trivyDbArchive = join(testdata, "trivy-db", "db.tar.gz");

const unreachable = () => {
	throw new Error("the quality gate pulls from no registry");
};

/** The pack's advisories, as our own feeds give them. */
export async function openOsvDatabase(dir: string): Promise<AdvisoryStore> {
	await updateAdvisories({
		source: join(testdata, "osv"),
		dir,
		kind: "full",
		fetch: () => Promise.reject(new Error("the quality gate does not reach the network")),
		clock: today,
	});
	return openAdvisories(dir);
}

/** The pack's trivy-db, imported from its archive. */
export async function openTrivyDatabase(dir: string): Promise<AdvisoryStore> {
	const imported = await importDatabase({
		from: trivyDbArchive,
		dir,
		digest: null,
		keyFile: null,
		allowOlder: false,
		registry: unreachable,
		clock: today,
		signal: new AbortController().signal,
		onProgress: () => undefined,
	});
	if (imported.malformed > 0 || imported.unknown.length > 0)
		throw new Error(`The trivy-db was not read whole: ${JSON.stringify(imported)}`);
	return openAdvisories(findDatabase(dir, "trivy-db").folder);
}

/** Scans a target as the command line does by default. */
export async function scanTarget(text: string, advisories: AdvisoryStore): Promise<Report> {
	const { signal } = new AbortController();
	const target = await openTarget(text, { registry: unreachable, signal });
	try {
		return await scan(
			target,
			{ platform: "all", osOwned: "drop", listPackages: true },
			{ advisories, cache: null, clock: today, signal, onEvent: () => undefined, version: "test" },
		);
	} finally {
		await target.close();
	}
}
