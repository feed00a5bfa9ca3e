import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { HelperAnswer, RunHelper } from "./credential-helper.ts";
import { configCredentials, fileCredentials, parseDockerConfig } from "./docker-config.ts";

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const noHelper: RunHelper = async (name) => {
	throw new Error(`helper ${name} should not be run`);
};

function find(config: object, host: string, repository = "team/app", runHelper: RunHelper = noHelper) {
	return configCredentials(parseDockerConfig(JSON.stringify(config), "config.json"), runHelper).find(host, repository);
}

describe("auths", () => {
	const me = { kind: "password", username: "me", password: "a:b" };
	const entry = { auth: base64("me:a:b") };

	test.each([
		["r.example", "r.example"],
		["r.example:5000", "r.example:5000"],
		["https://r.example", "r.example"],
		["http://r.example:5000/", "r.example:5000"],
		["https://r.example/v1/", "r.example"],
		["r.example/v2/", "r.example"],
		["R.Example", "r.example"],
		["https://index.docker.io/v1/", "docker.io"],
		["index.docker.io", "docker.io"],
		["docker.io", "docker.io"],
		["registry-1.docker.io", "docker.io"],
	])("the key %s is for %s", async (key, host) => {
		expect(await find({ auths: { [key]: entry } }, host)).toEqual(me);
	});

	test.each([
		["r.example", "r.example:5000"],
		["r.example:5000", "r.example"],
		["r.example", "sub.r.example"],
		["r.example", "r.example.evil"],
		["docker.io", "ghcr.io"],
		["index.docker.io", "index.docker.io.evil"],
	])("the key %s is not for %s", async (key, host) => {
		expect(await find({ auths: { [key]: entry } }, host)).toBeNull();
	});

	test("podman's namespaces: the longest whole part wins", async () => {
		const named = (name: string) => ({ auth: base64(`${name}:x`) });
		const auths = { "r.example": named("all"), "r.example/team": named("team"), "r.example/team/app": named("app") };
		const username = async (repository: string) => {
			const found = await find({ auths }, "r.example", repository);
			return found && "username" in found ? found.username : null;
		};
		expect(await username("team/app")).toBe("app");
		expect(await username("team/other")).toBe("team");
		expect(await username("teams/app")).toBe("all");
		expect(await username("")).toBe("all");
	});

	test("the forms of an entry", async () => {
		const of = (auth: object) => find({ auths: { h: auth } }, "h");
		expect(await of({ username: "u", password: "p" })).toEqual({ kind: "password", username: "u", password: "p" });
		expect(await of({ auth: base64("u:p\0\0") })).toEqual({ kind: "password", username: "u", password: "p" });
		expect(await of({ auth: base64("u:"), identitytoken: "t" })).toEqual({
			kind: "identity",
			username: "u",
			password: "",
			token: "t",
		});
		expect(await of({ registrytoken: "t" })).toEqual({ kind: "bearer", token: "t" });
		expect(await of({})).toBeNull();
		expect(await find({ auths: { h: null } }, "h")).toBeNull();
	});

	test.each(["%%%", base64("no colon")])("the auth %s is refused and not told", async (auth) => {
		await expect(find({ auths: { h: { auth } } }, "h")).rejects.toMatchObject({
			code: "credentials_unusable",
			message: expect.not.stringContaining(auth),
		});
	});
});

describe("helpers", () => {
	const asked: string[] = [];
	const run =
		(known: Readonly<Record<string, HelperAnswer>>): RunHelper =>
		async (name, server) => {
			asked.push(`${name} ${server}`);
			return known[`${name} ${server}`] ?? null;
		};

	test("a host's own helper, then the store, then the file", async () => {
		const config = {
			credHelpers: { "gcr.example": "gcloud" },
			credsStore: "desktop",
			auths: { "gcr.example": { auth: base64("file:x") }, "https://index.docker.io/v1/": {} },
		};
		const answer = { username: "u", secret: "s" };
		const of = (known: Readonly<Record<string, HelperAnswer>>) => find(config, "gcr.example", "a", run(known));
		const found = { kind: "password", username: "u", password: "s" };
		asked.length = 0;
		expect(await of({ "gcloud gcr.example": answer })).toEqual(found);
		expect(asked).toEqual(["gcloud gcr.example"]);
		expect(await of({ "desktop https://gcr.example": answer })).toEqual(found);
		expect(await of({})).toMatchObject({ username: "file" });
		asked.length = 0;
		expect(
			await find(config, "docker.io", "library/x", run({ "desktop https://index.docker.io/v1/": answer })),
		).toEqual(found);
		expect(asked).toEqual(["desktop https://index.docker.io/v1/"]);
	});

	test("an identity token", async () => {
		const answer = run({ "h r.example": { username: "<token>", secret: "t" } });
		expect(await find({ credsStore: "h" }, "r.example", "a", answer)).toMatchObject({ kind: "identity", token: "t" });
	});

	test("a helper that fails is an error, not an anonymous pull", async () => {
		await expect(find({ credsStore: "broken" }, "r.example")).rejects.toThrow("should not be run");
	});
});

test.each(["", "{", "[]", "null", '{"auths":[]}', '{"auths":{"h":7}}', '{"credHelpers":{"h":1}}', '{"credsStore":{}}'])(
	"the file %s is refused by name, its content not told",
	(text) => {
		const parse = () => parseDockerConfig(text, "/home/me/.docker/config.json");
		expect(parse).toThrow(expect.objectContaining({ code: "credentials_unusable" }));
		expect(parse).toThrow(/\/home\/me\/\.docker\/config\.json is malformed/);
	},
);

test("a broken file's secrets stay out of the error and its causes", () => {
	let thrown: unknown;
	try {
		parseDockerConfig('{"auths":{"h":{"auth":"c2VjcmV0"', "f");
	} catch (error) {
		thrown = error;
	}
	expect(thrown).toMatchObject({ code: "credentials_unusable" });
	expect(inspect(thrown)).not.toContain("c2VjcmV0");
});

describe("files", () => {
	let folder = "";
	beforeAll(async () => {
		folder = await mkdtemp(join(tmpdir(), "plimsoll-credentials-"));
	});
	afterAll(() => rm(folder, { recursive: true }));

	test("missing files are passed over, the first that knows the host wins", async () => {
		const [missing, first, second] = [
			join(folder, "missing.json"),
			join(folder, "first.json"),
			join(folder, "second.json"),
		];
		await writeFile(first, JSON.stringify({ auths: { a: { auth: base64("first:x") } } }));
		await writeFile(second, JSON.stringify({ auths: { a: { auth: base64("second:x") }, b: { auth: base64("b:x") } } }));
		const provider = fileCredentials([missing, join(first, "below"), first, second], noHelper);
		expect(await provider.find("a", "")).toMatchObject({ username: "first" });
		expect(await provider.find("b", "")).toMatchObject({ username: "b" });
		expect(await provider.find("c", "")).toBeNull();
	});

	test("a file that cannot be read is an error", async () => {
		await expect(fileCredentials([folder], noHelper).find("a", "")).rejects.toMatchObject({
			code: "credentials_unusable",
			message: expect.stringContaining(folder),
		});
	});
});
