/** What to do about a failed connection, in the words of the service: the engine's speak of the command line. */

import type { ConnectionCheck, HealthState } from "#contract";
import { EngineError, type EngineErrorCode } from "#engine";
import type { RegistryAccess } from "../../ports/connector.ts";
import { allowHint } from "./url.ts";

export interface Failing {
	readonly state: HealthState;
	readonly reason: string;
	readonly hint: string;
}

const states: Readonly<Partial<Record<EngineErrorCode, HealthState>>> = {
	registry_unreachable: "unreachable",
	registry_tls: "unreachable",
	target_not_found: "unreachable",
	address_refused: "unreachable",
	aborted: "unreachable",
	registry_unauthorized: "unauthorized",
	credentials_unusable: "unauthorized",
};

/** What an error of a connection means for the registry's health. Errors that are none of the engine's are thrown on. */
export function failingBy(error: unknown, access: RegistryAccess): Failing {
	if (!(error instanceof EngineError)) throw error;
	const state = states[error.code] ?? "failing";
	return { state, reason: error.message, hint: hintFor(error, access) };
}

type HintOf = (access: RegistryAccess) => string;

const hints: Readonly<Partial<Record<EngineErrorCode, HintOf>>> = {
	registry_unreachable: () =>
		"Check the host name and port, that the registry runs, and the network and proxy between Plimsoll and it.",
	registry_tls: ({ caCertificate }) =>
		caCertificate === null
			? "If the registry has a CA of its own, enter its certificate. For plain HTTP, write http:// and allow an insecure connection."
			: "Check that the CA certificate is the registry's, and that its own certificate names this host.",
	registry_unauthorized: ({ credentials }) =>
		credentials === null
			? "Enter credentials: this registry wants everybody to log in."
			: "Check user name and password or token, and that they have not expired.",
	address_refused: () => allowHint,
	aborted: () => "Check that the registry runs and is not overloaded, and the network between Plimsoll and it.",
};

function hintFor({ code, hint }: EngineError, access: RegistryAccess): string {
	return hints[code]?.(access) ?? hint;
}

export function failedCheck(failing: Failing, began: number): ConnectionCheck {
	return {
		ok: false,
		...failing,
		catalog: "unknown",
		version: null,
		milliseconds: Date.now() - began,
	};
}
