/** What holds for the settings of registries of any kind that is reached over the network. */
import { X509Certificate } from "node:crypto";
import { isRepository } from "#engine";
import { ServerError } from "../../errors.ts";
import type { RegistryAccess } from "../../ports/connector.ts";

/** What is checked before a registry is kept or tested; its URL has been. */
export interface RegistrySettings
	extends Pick<RegistryAccess, "kind" | "preset" | "url" | "caCertificate" | "repositories"> {
	/** Null: none. */
	readonly credentialKind: string | null;
}

/** @throws ServerError unprocessable */
export function checkCertificates(pem: string | null): void {
	if (pem === null) return;
	const found = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
	const readable = found.every((one) => {
		try {
			return new X509Certificate(one).raw.length > 0;
		} catch {
			return false;
		}
	});
	if (found.length === 0 || !readable)
		throw new ServerError(
			"unprocessable",
			"The CA certificate is none that can be read.",
			"Enter PEM certificates (-----BEGIN CERTIFICATE-----), not keys.",
		);
}

/** @throws ServerError unprocessable */
export function checkRepositories(
	names: readonly string[] | null,
	isName: (name: string) => boolean,
	example: string,
): void {
	const wrong = names?.find((name) => !isRepository(name) || !isName(name));
	if (wrong === undefined) return;
	throw new ServerError(
		"unprocessable",
		`"${wrong.slice(0, 80)}" is no name of a repository.`,
		`Write names as ${example}, without host and tag, in lower case.`,
	);
}
