import { ServerError } from "../../errors.ts";
import type { RegistrySettings } from "../access/settings.ts";
import { layoutFolder } from "./connector.ts";

/** @throws ServerError unprocessable */
export function checkLayout({ url, credentialKind, caCertificate }: RegistrySettings): void {
	layoutFolder(url);
	if (credentialKind !== null || caCertificate !== null)
		throw new ServerError(
			"unprocessable",
			"A folder on this machine has neither credentials nor certificates.",
			"Leave them out.",
		);
}
