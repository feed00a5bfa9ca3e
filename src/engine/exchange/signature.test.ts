import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Digest } from "#model";
import { bundleFault, isSignatureType, simpleSigningFault, simpleSigningPayload } from "./signature.ts";
import { readSigningKey, readVerificationKey, type VerificationKey } from "./signing-keys.ts";

const root = mkdtempSync(join(tmpdir(), "plimsoll-signature-"));
afterAll(() => rmSync(root, { recursive: true }));
let files = 0;

function fileOf(text: string | Buffer): string {
	const path = join(root, `key-${files++}.pem`);
	writeFileSync(path, text);
	return path;
}

const pem = (key: KeyObject): Buffer | string =>
	key.export({ type: key.type === "public" ? "spki" : "pkcs8", format: "pem" });
const digest: Digest = `sha256:${"ab".repeat(32)}`;
const other: Digest = `sha256:${"cd".repeat(32)}`;

async function verificationOf(key: KeyObject): Promise<VerificationKey> {
	return readVerificationKey(fileOf(pem(key)));
}

/** What the real cosign 3.1.3 made with a key: `cosign sign`, with and without `--new-bundle-format`. */
describe("cosign's own signatures", async () => {
	const made = (name: string): Buffer => readFileSync(new URL(`testdata/cosign/${name}`, import.meta.url));
	const signed: Digest = "sha256:769fedb19c110e56d92740be75babc15b45100ac736140a0ea567fed98378c3c";
	const signature = "MEYCIQCNHbmX0oHmyM5SpZojuQ16qRFkLdgnOCDy33vfimw34wIhAMt4Sz0MRecvQmkrQF5ryfb1sj+GGBWpZVPOr/tvZE8X";
	const key = await readVerificationKey(new URL("testdata/cosign/cosign.pub", import.meta.url).pathname);

	it("of simple signing hold", () => {
		expect(simpleSigningFault(made("payload.json"), signature, signed, key)).toBeNull();
		expect(simpleSigningFault(made("payload.json"), signature, digest, key)).toBe("it is of another manifest");
	});

	it("in a bundle hold", () => {
		expect(bundleFault(made("bundle.json"), signed, key)).toBeNull();
		expect(bundleFault(made("bundle.json"), digest, key)).toBe("it is of another manifest");
	});

	it("do not hold any more when a byte of them changes", () => {
		const payload = made("payload.json");
		for (let at = 0; at < payload.length; at += 7) {
			const changed = Buffer.from(payload);
			changed[at] = (changed[at] ?? 0) ^ 1;
			expect(simpleSigningFault(changed, signature, signed, key)).toBe("it was made by another key");
		}
		const bundle = made("bundle.json").toString();
		expect(bundleFault(Buffer.from(bundle.replace('"sig":"MEUC', '"sig":"MEUD')), signed, key)).not.toBeNull();
		expect(bundleFault(Buffer.from(bundle.replace("in-toto+json", "in-toto+jsom")), signed, key)).not.toBeNull();
	});

	it("are the form that ours have", () => {
		const payload = made("payload.json");
		const repository = "127.0.0.1:5055/aquasecurity/trivy-db";
		expect(simpleSigningPayload(repository, signed).toString()).toBe(payload.toString());
	});
});

const kinds: [string, () => { publicKey: KeyObject; privateKey: KeyObject }][] = [
	["ECDSA P-256", () => generateKeyPairSync("ec", { namedCurve: "P-256" })],
	["ECDSA P-384", () => generateKeyPairSync("ec", { namedCurve: "P-384" })],
	["Ed25519", () => generateKeyPairSync("ed25519")],
	["RSA", () => generateKeyPairSync("rsa", { modulusLength: 2048 })],
];

describe.each(kinds)("a signature by %s", (_, make) => {
	it("holds for its key and its manifest only", async () => {
		const { publicKey, privateKey } = make();
		const signing = await readSigningKey(fileOf(pem(privateKey)));
		const payload = simpleSigningPayload("registry.example/advisories", digest);
		const signature = signing.sign(payload).toString("base64");
		const key = await verificationOf(publicKey);
		expect(simpleSigningFault(payload, signature, digest, key)).toBeNull();
		expect(simpleSigningFault(payload, signature, digest, signing.verification)).toBeNull();
		expect(simpleSigningFault(payload, signature, other, key)).toBe("it is of another manifest");
		expect(simpleSigningFault(payload, signature, digest, await verificationOf(make().publicKey))).toBe(
			"it was made by another key",
		);
	});
});

describe("a payload", async () => {
	const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
	const key = await verificationOf(publicKey);
	const judge = (payload: string | Buffer): string | null => {
		const bytes = Buffer.from(payload);
		return simpleSigningFault(bytes, sign("sha256", bytes, privateKey).toString("base64"), digest, key);
	};
	const critical = { type: "cosign container image signature", image: { "docker-manifest-digest": digest } };

	it("may be written with other white space, and say more", () => {
		expect(judge(JSON.stringify({ critical, optional: { by: "us" } }, null, 4))).toBeNull();
		expect(judge(` \n${JSON.stringify({ critical })}\n`)).toBeNull();
	});

	it.each([
		["of another type", { critical: { ...critical, type: "atomic container signature" } }, /no signature of an image/],
		["without a digest", { critical: { ...critical, image: {} } }, /another manifest/],
		["without an image", { critical: { ...critical, image: null } }, /another manifest/],
		["with the digest elsewhere", { image: critical.image, type: critical.type }, /no signature/],
		["with a list of digests", { critical: { ...critical, image: { "docker-manifest-digest": [digest] } } }, /another/],
		["that is a list", [critical], /no signature/],
	])("%s is refused although the key signed it", (_, payload, expected) => {
		expect(judge(JSON.stringify(payload))).toMatch(expected);
	});

	it("that is no JSON, or no text, is refused", () => {
		expect(judge("{")).toMatch(/no signature/);
		expect(judge(Buffer.from([0xff, 0xfe, 0x00]))).toMatch(/no signature/);
		expect(judge("")).toMatch(/no signature/);
	});

	it("without a signature is refused", () => {
		for (const signature of ["", "AAAA", "not base64 at all", "=".repeat(1000)])
			expect(simpleSigningFault(Buffer.from(JSON.stringify({ critical })), signature, digest, key)).toBe(
				"it was made by another key",
			);
	});
});

describe("a bundle", async () => {
	const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
	const key = await verificationOf(publicKey);
	const statement = {
		_type: "https://in-toto.io/Statement/v1",
		subject: [{ digest: { sha256: "ab".repeat(32) } }],
		predicateType: "https://sigstore.dev/cosign/sign/v1",
		predicate: {},
	};
	const judge = (payload: unknown, over: Record<string, unknown> = {}): string | null => {
		const bytes = Buffer.from(JSON.stringify(payload));
		const payloadType = (over["payloadType"] as string | undefined) ?? "application/vnd.in-toto+json";
		const signed = Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${bytes.length} ${bytes.toString()}`);
		const signatures = [{ sig: "AAAA" }, { sig: sign("sha256", signed, privateKey).toString("base64") }];
		const dsseEnvelope = { payload: bytes.toString("base64"), payloadType, signatures, ...over };
		return bundleFault(Buffer.from(JSON.stringify({ dsseEnvelope })), digest, key);
	};

	it("holds by any of its signatures, for any of its subjects", () => {
		expect(judge(statement)).toBeNull();
		expect(judge({ ...statement, subject: [{ digest: { sha256: "00" } }, ...statement.subject] })).toBeNull();
	});

	it.each<[string, unknown, Record<string, unknown>, RegExp]>([
		[
			"about another manifest",
			{ ...statement, subject: [{ digest: { sha256: "cd".repeat(32) } }] },
			{},
			/another manifest/,
		],
		["about nothing", { ...statement, subject: [] }, {}, /another manifest/],
		[
			"with an attestation, of an SBOM say",
			{ ...statement, predicateType: "https://spdx.dev/Document" },
			{},
			/another kind/,
		],
		["with no statement", { ...statement, _type: "x" }, {}, /no statement/],
		["with another type of payload", statement, { payloadType: "text/plain" }, /no statement/],
		["without signatures", statement, { signatures: [] }, /another key/],
		["with malformed signatures", statement, { signatures: [null, 7, { sig: 7 }] }, /another key/],
		["without a payload", statement, { payload: 7 }, /no envelope/],
		["without an envelope", null, { payload: undefined }, /no envelope/],
	])("%s is refused", (_, payload, over, expected) => {
		expect(judge(payload, over)).toMatch(expected);
	});

	it("is known by its media type, in all the ways that it is written", () => {
		expect(isSignatureType("application/vnd.dev.sigstore.bundle.v0.3+json")).toBe(true);
		expect(isSignatureType("application/vnd.dev.sigstore.bundle+json;version=0.2")).toBe(true);
		expect(isSignatureType("application/vnd.dev.cosign.artifact.sig.v1+json")).toBe(true);
		expect(isSignatureType("application/vnd.cyclonedx+json")).toBe(false);
	});
});

describe("a key", () => {
	const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
	const weak = generateKeyPairSync("rsa", { modulusLength: 1024 });
	const encrypted = ec.privateKey.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "x" });

	it.each<[string, string | Buffer, RegExp]>([
		["a private key", pem(ec.privateKey), /it is a private key/],
		["a weak RSA key", pem(weak.publicKey), /RSA keys of 1024 bits are too weak/],
		["an X25519 key", pem(generateKeyPairSync("x25519").publicKey), /type x25519/],
		["no key", "hello", /holds no key/],
		["nothing", "", /holds no key/],
		["a huge file", Buffer.alloc(100_000), /too large/],
	])("to check with is not %s", async (_, text, expected) => {
		await expect(readVerificationKey(fileOf(text))).rejects.toMatchObject({
			code: "key_unusable",
			message: expect.stringMatching(expected),
		});
	});

	it.each<[string, string | Buffer, RegExp]>([
		["a public key", pem(ec.publicKey), /holds no key/],
		["an encrypted key", encrypted, /encrypted/],
		["cosign's own, which is encrypted", "-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n", /encrypted/],
	])("to sign with is not %s", async (_, text, expected) => {
		await expect(readSigningKey(fileOf(text))).rejects.toMatchObject({
			code: "key_unusable",
			message: expect.stringMatching(expected),
		});
	});

	it("that is not there is told", async () => {
		await expect(readVerificationKey(join(root, "missing"))).rejects.toThrow(/cannot be read/);
	});
});
