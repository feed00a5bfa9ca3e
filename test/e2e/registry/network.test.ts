/** The command line against a real registry over TLS and through a proxy, as its users set these up. */
import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ZipFile } from "yazl";
import { updateAdvisories } from "#engine";
import { missingProgram, type RunningRegistry, startRegistry } from "../support/docker-registry.ts";
import { type Ended, runPlimsoll } from "../support/plimsoll.ts";
import { type Certificate, makeAuthority, makeCertificate } from "./certificates.ts";
import { type Image, makeImage } from "./images.ts";
import { type Proxy, startProxy } from "./proxy.ts";
import { pushWithSkopeo } from "./skopeo.ts";

const missing = missingProgram("docker-registry", "skopeo", "openssl");
const because = missing === null ? "" : ` (${missing})`;

let folder = "";
let image: Image;
let authority: Certificate;
let secure: RunningRegistry;
let plain: RunningRegistry;
let proxy: Proxy;

function scan(
	target: string,
	flags: readonly string[] = [],
	env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
	const given = ["scan", target, "--format", "json", "--quiet", "--no-cache", "--db", join(folder, "db"), ...flags];
	return runPlimsoll(given, folder, env);
}

async function expectScanned(run: Promise<Ended>): Promise<void> {
	const { code, stdout, stderr } = await run;
	expect({ code, stderr }).toMatchObject({ code: 0 });
	expect(JSON.parse(stdout)).toMatchObject({ artifact: { digest: image.manifest.descriptor.digest } });
}

async function expectFailed(run: Promise<Ended>, words: RegExp): Promise<void> {
	const { code, stderr } = await run;
	expect(stderr).toMatch(words);
	expect(code).toBe(3);
}

/** The smallest advisory database there can be: a scan does not start without one. */
async function makeDatabase(): Promise<void> {
	const ecosystem = join(folder, "osv", "Debian");
	await mkdir(ecosystem, { recursive: true });
	const versions = { ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }] }] };
	const affected = [{ package: { ecosystem: "Debian:12", name: "nothing" }, ...versions }];
	const record = { schema_version: "1.6.0", id: "DEBIAN-CVE-2024-0001", modified: "2024-01-01T00:00:00Z", affected };
	const zip = new ZipFile();
	zip.addBuffer(Buffer.from(JSON.stringify(record)), `${record.id}.json`);
	zip.end();
	await pipeline(zip.outputStream, createWriteStream(join(ecosystem, "all.zip")));
	const [source, dir] = [join(folder, "osv"), join(folder, "db")];
	await updateAdvisories({ source, dir, ecosystems: ["Debian"], kind: "full", fetch, clock: () => new Date() });
}

describe.skipIf(missing !== null)(`plimsoll scan over the network${because}`, () => {
	beforeAll(async () => {
		folder = await mkdtemp(join(tmpdir(), "plimsoll-network-"));
		await makeDatabase();
		image = await makeImage([100, 300_000]);
		authority = await makeAuthority(folder);
		const tls = await makeCertificate(folder, authority, "DNS:secure.test,IP:127.0.0.1");
		[secure, plain] = await Promise.all([startRegistry({ tls }), startRegistry()]);
		for (const { host } of [secure, plain]) await pushWithSkopeo(image, `${host}/app:1`);
		proxy = await startProxy({
			"secure.test:443": secure.host,
			"plain.test:80": plain.host,
			"plain.test:5000": plain.host,
		});
	});
	afterAll(async () => {
		await Promise.all([secure?.stop(), plain?.stop(), proxy?.stop()]);
		await rm(folder, { recursive: true, force: true });
	});

	test("a certificate of an unknown CA is refused, and the cure is named", async () => {
		await expectFailed(scan(`${secure.host}/app:1`), /certificate.*--ca-file.*--insecure/s);
	});

	test("--ca-file makes it known", async () => {
		await expectScanned(scan(`${secure.host}/app:1`, ["--ca-file", authority.certificate]));
	});

	test("--insecure does not look at it", async () => {
		await expectScanned(scan(`${secure.host}/app:1`, ["--insecure"]));
	});

	test("a CA file that is none is refused", async () => {
		await expectFailed(scan(`${secure.host}/app:1`, ["--ca-file", import.meta.filename]), /holds no certificate/);
	});

	test("plain HTTP on loopback needs nothing", async () => {
		await expectScanned(scan(`${plain.host}/app:1`));
	});

	test("HTTPS through a proxy that wants a password, in either spelling", async () => {
		const flags = ["--ca-file", authority.certificate];
		for (const name of ["HTTPS_PROXY", "https_proxy"]) {
			await expectScanned(scan("secure.test/app:1", flags, { [name]: proxy.url }));
		}
		expect(proxy.seen).toContain("CONNECT secure.test:443");
	});

	test("a certificate is checked behind a proxy, too", async () => {
		await expectFailed(scan("secure.test/app:1", [], { HTTPS_PROXY: proxy.url }), /certificate/);
	});

	test("plain HTTP through a proxy, with --insecure only", async () => {
		const env = { HTTPS_PROXY: proxy.url, HTTP_PROXY: proxy.url };
		await expectScanned(scan("plain.test:5000/app:1", ["--insecure"], env));
		await expectScanned(scan("plain.test/app:1", ["--insecure"], env));
		await expectFailed(scan("plain.test/app:1", [], env), /proxy answered 403/);
	});

	test("a proxy without the password says so", async () => {
		const env = { HTTPS_PROXY: proxy.url.replace(/\/\/.*@/, "//") };
		await expectFailed(scan("secure.test/app:1", [], env), /proxy answered 407/);
	});

	test("NO_PROXY, and loopback always, go around the proxy", async () => {
		const before = proxy.seen.length;
		const env = { HTTPS_PROXY: proxy.url, HTTP_PROXY: proxy.url, NO_PROXY: "other.example,.test" };
		await expectFailed(scan("secure.test/app:1", [], env), /secure\.test cannot be reached/);
		await expectScanned(scan(`${plain.host}/app:1`, [], env));
		expect(proxy.seen.length).toBe(before);
	});
});
