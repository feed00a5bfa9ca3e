/** Addresses in reports. Feeds write what they like: only web pages are linked, and identifiers are encoded. */

/** Where a vulnerability is described for people. */
export function linkOf(id: string): string {
	const page = pages.find(([form]) => form.test(id))?.[1] ?? "https://osv.dev/vulnerability/";
	return page + encodeURIComponent(id.toWellFormed());
}

const pages: readonly (readonly [RegExp, string])[] = [
	[/^CVE-\d/, "https://nvd.nist.gov/vuln/detail/"],
	[/^GHSA-/, "https://github.com/advisories/"],
	[/^TEMP-/, "https://security-tracker.debian.org/tracker/"],
	[/^RHSA-/, "https://access.redhat.com/errata/"],
];

/** Who gave the identifier, by its form. */
export function sourceOf(id: string): string {
	return sources.find(([form]) => form.test(id))?.[1] ?? "OSV";
}

const sources: readonly (readonly [RegExp, string])[] = [
	[/^CVE-\d/, "NVD"],
	[/^GHSA-/, "GitHub"],
	[/^(?:D[SL]A|DTSA|DEBIAN|TEMP)-/, "Debian"],
	[/^RHSA-/, "Red Hat"],
];

/** The address as a browser would ask for it; null for what is not http or https. */
export function webAddress(text: string): string | null {
	if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return null;
	const { protocol, href } = new URL(text);
	return protocol === "https:" || protocol === "http:" ? href : null;
}

/** The addresses among references, each once. */
export function webAddresses(texts: readonly string[]): readonly string[] {
	return [...new Set(texts.map(webAddress).filter((address) => address !== null))];
}
