/** What a registry does wrong, told apart from what goes wrong here: the first is noted, the second ends the job. */
import { EngineError } from "#engine";
import { ServerError } from "../errors.ts";

export class RegistryFault extends Error {
	/** Nothing else is worth asking this registry now. */
	readonly whole: boolean;
	/** It says that there is no such thing. */
	readonly missing: boolean;
	constructor(message: string, { whole = false, missing = false, cause }: Kind = {}) {
		super(message, { cause });
		this.name = "RegistryFault";
		this.whole = whole;
		this.missing = missing;
	}
}

interface Kind {
	readonly whole?: boolean;
	readonly missing?: boolean;
	readonly cause?: unknown;
}

const wholeCodes: ReadonlySet<string> = new Set([
	"registry_unreachable",
	"registry_tls",
	"registry_rate_limited",
	"credentials_unusable",
	"address_refused",
]);

/** Messages go into the database and to people. */
const mostMessage = 400;

/** Asks a connector; whatever it throws is the registry's fault, unless we were told to stop. */
export async function asking<T>(signal: AbortSignal, ask: () => Promise<T>): Promise<T> {
	signal.throwIfAborted();
	try {
		return await ask();
	} catch (thrown) {
		signal.throwIfAborted();
		throw faultOf(thrown);
	}
}

/** Settings that cannot be used are the registry's fault, too; a database that cannot be reached is not. */
export function settingsFault(thrown: unknown): unknown {
	if (!(thrown instanceof Error) || !("hint" in thrown)) return thrown;
	return new RegistryFault(thrown.message.slice(0, mostMessage), { whole: true, cause: thrown });
}

function faultOf(thrown: unknown): RegistryFault {
	if (thrown instanceof RegistryFault) return thrown;
	if (thrown instanceof EngineError || thrown instanceof ServerError) {
		const kind = { whole: wholeCodes.has(thrown.code), missing: thrown.code === "registry_not_found", cause: thrown };
		return new RegistryFault(thrown.message.slice(0, mostMessage), kind);
	}
	const said = thrown instanceof Error ? thrown.message : "no reason";
	return new RegistryFault(`The registry gave an answer that cannot be used (${said.slice(0, 200)}).`, {
		cause: thrown,
	});
}
