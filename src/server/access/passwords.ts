/** argon2id, with the parameters that OWASP's password storage advice names first: 19 MiB, two passes, one lane. */
import { hash, parseOptions, verify } from "@node-rs/argon2";
import { ServerError } from "../errors.ts";

const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** At once in one process: the threads that hash are those that also read files and unpack layers, and there are four. */
const atOnce = 2;
/** Waiting ones; at 20 ms each the last waits a second. */
const mostWaiting = 100;

let running = 0;
const waiting: (() => void)[] = [];

/** Forms of the same letters count as the same password, whichever keyboard they came from. */
const bytesOf = (password: string): Buffer => Buffer.from(password.normalize("NFKC"), "utf8");

export function hashPassword(password: string): Promise<string> {
	return inTurn(() => hash(bytesOf(password), cost));
}

/** Of no password: what is compared when there is no such user, so that the answer takes as long. */
const nobody: Promise<string> = hash(crypto.getRandomValues(new Uint8Array(32)), cost);

/** Does the same work whether there is a hash or not. To be called in turn. */
export async function passwordMatches(kept: string | null, password: string): Promise<boolean> {
	return (await verify(kept ?? (await nobody), bytesOf(password))) && kept !== null;
}

/** Whether a hash was made with less work than is asked for now. */
export function isWeakHash(kept: string): boolean {
	const { memoryCost, timeCost, parallelism } = parseOptions(kept);
	return memoryCost < cost.memoryCost || timeCost < cost.timeCost || parallelism < cost.parallelism;
}

/** @throws ServerError too_many_requests: too many wait already */
export async function inTurn<T>(work: () => Promise<T>): Promise<T> {
	if (running >= atOnce) {
		if (waiting.length >= mostWaiting)
			throw new ServerError(
				"too_many_requests",
				"Too many people are signing in at the moment.",
				"Try again in a minute.",
			);
		await new Promise<void>((go) => waiting.push(go));
	} else {
		running++;
	}
	try {
		return await work();
	} finally {
		// The place goes to the next one as it is; nobody can take it in between.
		const next = waiting.shift();
		if (next) next();
		else running--;
	}
}
