/**
 * Logs in to Amazon ECR: an access key is changed for a password that holds for twelve hours.
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAuthorizationToken.html
 */
import type { RegistryCredentials } from "#contract";
import { type Credentials, EngineError, type Fetch } from "#engine";
import { signedHeaders } from "./aws-signature.ts";

export interface EcrPassword {
	readonly credentials: Credentials;
	/** Milliseconds since 1970; already some minutes before the real end. */
	readonly expiresAt: number;
}

type AwsCredentials = Extract<RegistryCredentials, { readonly kind: "aws" }>;

/** A scan that begins with the password must be able to end with it. */
const margin = 15 * 60_000;
const mostAnswer = 64 * 1024;

/** The API's host is made of the registry's own, so that the key goes to nobody but AWS. */
export function ecrApiHost(registryHost: string): string | null {
	const [, fips, region, china] =
		/^\d{12}\.dkr[.-]ecr(-fips)?\.([a-z0-9-]+)\.(?:amazonaws\.com|on\.aws|on\.amazonwebservices\.com)(\.cn)?$/.exec(
			registryHost,
		) ?? [];
	if (region === undefined) return null;
	return fips ? `ecr-fips.${region}.amazonaws.com` : `api.ecr.${region}.amazonaws.com${china ?? ""}`;
}

/** Throws EngineError `credentials_unusable`, `registry_unauthorized`, `registry_failed`, `registry_unreachable`. */
export async function ecrPassword(
	registryHost: string,
	key: AwsCredentials,
	fetch: Fetch,
	now: () => Date,
	signal: AbortSignal,
): Promise<EcrPassword> {
	const apiHost = ecrApiHost(registryHost);
	if (apiHost === null) throw notEcr(registryHost);
	const url = new URL(`https://${apiHost}/`);
	const headers = {
		"content-type": "application/x-amz-json-1.1",
		"x-amz-target": "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken",
	};
	const body = "{}";
	const { host: _, ...signed } = signedHeaders({ method: "POST", url, headers, body }, "ecr", key, now());
	const response = await fetch(url, { method: "POST", headers: signed, body, redirect: "manual", signal }).catch(
		(thrown: unknown) => {
			if (thrown instanceof EngineError || signal.aborted) throw signal.aborted ? signal.reason : thrown;
			const message = `${apiHost}, where ECR gives passwords, cannot be reached.`;
			throw new EngineError("registry_unreachable", message, "Check the network and the proxy settings.", thrown);
		},
	);
	const answer = await answerOf(response);
	if (response.status === 400 || response.status === 403) throw refused(apiHost, answer);
	const read = response.status === 200 ? passwordIn(answer) : null;
	if (read) return read;
	throw new EngineError(
		"registry_failed",
		`${apiHost} answered ${response.status} without a password when asked for one.`,
		"Try again later.",
	);
}

async function answerOf(response: Response): Promise<Readonly<Record<string, unknown>>> {
	const text: Uint8Array[] = [];
	let size = 0;
	for await (const chunk of response.body ?? []) {
		size += chunk.length;
		if (size > mostAnswer) break;
		text.push(chunk);
	}
	try {
		const value: unknown = JSON.parse(Buffer.concat(text).toString());
		return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
	} catch {
		return {};
	}
}

function passwordIn(answer: Readonly<Record<string, unknown>>): EcrPassword | null {
	const [first] = Array.isArray(answer["authorizationData"]) ? (answer["authorizationData"] as unknown[]) : [];
	const { authorizationToken, expiresAt } = (first ?? {}) as Readonly<Record<string, unknown>>;
	if (typeof authorizationToken !== "string" || typeof expiresAt !== "number") return null;
	const [username = "", ...rest] = Buffer.from(authorizationToken, "base64").toString().split(":");
	const password = rest.join(":");
	if (username === "" || password === "") return null;
	return { credentials: { kind: "password", username, password }, expiresAt: expiresAt * 1000 - margin };
}

/** AWS names the reason by a type; its text may repeat parts of what was sent. */
function refused(host: string, answer: Readonly<Record<string, unknown>>): EngineError {
	const named = answer["__type"];
	const type = typeof named === "string" ? (/([A-Za-z]{1,60})$/.exec(named)?.[1] ?? "") : "";
	return new EngineError(
		"registry_unauthorized",
		`${host} refuses the access key${type ? ` (${type})` : ""}.`,
		"Check the key, its region, that it may do ecr:GetAuthorizationToken, and this machine's clock.",
	);
}

function notEcr(host: string): EngineError {
	return new EngineError(
		"credentials_unusable",
		`${host} is no host of Amazon ECR, so the access key is not used for it.`,
		"The host is ACCOUNT.dkr.ecr.REGION.amazonaws.com; for another registry choose another kind.",
	);
}
