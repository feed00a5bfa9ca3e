import { createServer } from "node:net";
import { CliError } from "#cli";
import type { ServeSettings } from "./settings.ts";

type Address = ServeSettings["listen"];

/** Before anything is begun: a port in use is the mistake that people make most. @throws CliError cannot_listen */
export async function checkAddress(address: Address): Promise<void> {
	if (address.port === 0) return;
	const probe = createServer();
	try {
		await new Promise<void>((resolve, reject) => {
			probe.once("error", reject);
			probe.listen({ ...address, exclusive: true }, resolve);
		});
	} catch (cause) {
		throw cannotListen(address, cause);
	}
	await new Promise((resolve) => probe.close(resolve));
}

export function cannotListen({ host, port }: Address, cause: unknown): CliError {
	const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
	const where = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
	const whys: Readonly<Record<string, string>> = {
		EADDRINUSE: "another program listens there",
		EACCES: "this user may not listen at a port below 1024",
		EADDRNOTAVAIL: "this machine has no such address",
		ENOTFOUND: "there is no such host",
	};
	return new CliError(
		"cannot_listen",
		`Plimsoll cannot listen at ${where}: ${whys[code] ?? String(cause)}.`,
		"Stop the other program, or choose another address with --listen, such as --listen 127.0.0.1:8081.",
		cause,
	);
}

/** Browsers and tools on this machine alone: plain HTTP is no risk there. */
export function isLoopback(host: string): boolean {
	return host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}
