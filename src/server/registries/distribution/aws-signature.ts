/**
 * AWS Signature Version 4, for requests whose whole body is known.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
import { createHash, createHmac } from "node:crypto";

export interface AwsKey {
	readonly accessKeyId: string;
	readonly secretAccessKey: string;
	readonly region: string;
}

export interface AwsRequest {
	readonly method: string;
	readonly url: URL;
	/** Names in lower case; all of them are signed. `host` and `x-amz-date` are added. */
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string;
}

const algorithm = "AWS4-HMAC-SHA256";

/** The headers that are sent: those given, `host`, `x-amz-date` and `authorization`. */
export function signedHeaders(
	request: AwsRequest,
	service: string,
	{ accessKeyId, secretAccessKey, region }: AwsKey,
	now: Date,
): Readonly<Record<string, string>> {
	const at = now.toISOString().replace(/[-:]|\.\d{3}/g, "");
	const day = at.slice(0, 8);
	const headers = { ...request.headers, host: request.url.host, "x-amz-date": at };
	const names = Object.keys(headers).sort();
	const scope = `${day}/${region}/${service}/aws4_request`;
	const toSign = [algorithm, at, scope, hashed(canonical(request, headers, names))].join("\n");
	const key = [day, region, service, "aws4_request"].reduce(
		(secret: string | Buffer, part) => hmac(secret, part),
		`AWS4${secretAccessKey}`,
	);
	const signature = hmac(key, toSign).toString("hex");
	const authorization = `${algorithm} Credential=${accessKeyId}/${scope}, SignedHeaders=${names.join(";")}, Signature=${signature}`;
	return { ...headers, authorization };
}

function canonical(
	{ method, url, body }: AwsRequest,
	headers: Readonly<Record<string, string>>,
	names: readonly string[],
): string {
	const query = [...url.searchParams]
		.map(([name, value]): [string, string] => [encoded(name), encoded(value)])
		.sort(([a, x], [b, y]) => compare(a, b) || compare(x, y))
		.map(([name, value]) => `${name}=${value}`)
		.join("&");
	const lines = names.map((name) => `${name}:${(headers[name] ?? "").trim().replace(/ +/g, " ")}\n`);
	return [method, url.pathname, query, lines.join(""), names.join(";"), hashed(body)].join("\n");
}

/** RFC 3986: all but letters, digits and `-._~`. */
function encoded(text: string): string {
	return encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
}

function compare(a: string, b: string): number {
	return a < b ? -1 : a > b ? 1 : 0;
}

function hashed(text: string): string {
	return createHash("sha256").update(text, "utf8").digest("hex");
}

function hmac(key: string | Buffer, text: string): Buffer {
	return createHmac("sha256", key).update(text, "utf8").digest();
}
