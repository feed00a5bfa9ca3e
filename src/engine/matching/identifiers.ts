import type { Advisory } from "#model";

const cve = /^CVE-\d{4}-\d{4,}$/;

/** Which fields of a feed's records name the vulnerabilities that the record is about. */
export type IdentifierField = "aliases" | "upstream" | "related";

export interface Identity {
	/** The CVE where one exists, else the advisory's own identifier. */
	readonly id: string;
	readonly aliases: readonly string[];
	/** False when the record is about several vulnerabilities: its own severity is then nobody's in particular. */
	readonly sole: boolean;
}

/**
 * The vulnerabilities that an advisory is about: one for each CVE that it names, so that an erratum
 * with five CVEs gives five findings, as people count them.
 */
export function identitiesOf(advisory: Advisory, fields: readonly IdentifierField[]): readonly Identity[] {
	const named = fields.flatMap((field) => advisory[field]);
	const cves = [...new Set([advisory.id, ...named].filter((id) => cve.test(id)))];
	const others = [...new Set([advisory.id, ...advisory.aliases].filter((id) => !cve.test(id)))];
	if (cves.length === 0) {
		const aliases = [...others.filter((id) => id !== advisory.id), ...advisory.upstream];
		return [{ id: advisory.id, aliases: [...new Set(aliases)], sole: true }];
	}
	return cves.map((id) => ({ id, aliases: others, sole: cves.length === 1 }));
}
