import type { Advisory } from "#model";

const cve = /^CVE-\d{4}-\d{4,}$/;

/** Names that a mirror made up for itself (OSV schema, "id"); any other name of the record is better known. */
const privatePrefix = "x_";

/** Which fields of a feed's records name the vulnerabilities that the record is about. */
export type IdentifierField = "aliases" | "upstream" | "related";

export interface Identity {
	/** The CVE where one exists, else the advisory's own identifier, else a better known one where that is private. */
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
		const ids = [...new Set([...others, ...advisory.upstream])];
		const id = ids.find((name) => !name.startsWith(privatePrefix)) ?? advisory.id;
		return [{ id, aliases: ids.filter((name) => name !== id), sole: true }];
	}
	return cves.map((id) => ({ id, aliases: others, sole: cves.length === 1 }));
}
