import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CliError } from "#cli";
import { publicOsvBucket } from "#engine";
import { type Environment, readSettings, type Settings } from "./settings.ts";

/** The user's own file, in the folder of a test. */
const usual = "config/plimsoll/plimsoll.yaml";

let work: string;
/** The user's own folders, empty unless a test writes to them. */
let home: Environment;

beforeEach(() => {
	work = mkdtempSync(join(tmpdir(), "plimsoll-settings-"));
	home = { XDG_CONFIG_HOME: join(work, "config"), XDG_CACHE_HOME: join(work, "cache") };
});
afterEach(() => rmSync(work, { recursive: true, force: true }));

function write(name: string, text: string): string {
	const path = join(work, name);
	mkdirSync(dirname(path), { recursive: true });
	writeFileSync(path, text);
	return path;
}

function read(env: Environment = {}): Promise<Settings> {
	return readSettings({ ...home, ...env });
}

async function complaint(env: Environment = {}): Promise<string> {
	const error: unknown = await read(env).then(
		() => new Error("it was read"),
		(thrown: unknown) => thrown,
	);
	if (!(error instanceof CliError)) throw error;
	expect(error.code).toBe("usage");
	return error.message;
}

describe("without a file", () => {
	it("has its defaults", async () => {
		expect(await read()).toEqual({
			dbDir: join(work, "cache/plimsoll/db"),
			cacheDir: join(work, "cache/plimsoll/layers"),
			advisorySource: publicOsvBucket,
			feeds: null,
			caFile: null,
			maxDatabaseAge: null,
			mirrors: {},
			insecureRegistries: [],
			credentialFiles: expect.arrayContaining([join(work, "config/containers/auth.json")]),
		});
	});

	it("looks for log-ins where docker, podman and skopeo keep them, in their order", async () => {
		const env = { REGISTRY_AUTH_FILE: "/a/auth.json", DOCKER_CONFIG: "/d", XDG_RUNTIME_DIR: "/run/user/1" };
		expect((await read(env)).credentialFiles).toEqual([
			"/a/auth.json",
			"/d/config.json",
			"/run/user/1/containers/auth.json",
			join(work, "config/containers/auth.json"),
		]);
	});
});

describe("precedence", () => {
	it("of the age that is allowed", async () => {
		write(usual, "maxDatabaseAge: 30\n");
		expect(await read()).toMatchObject({ maxDatabaseAge: 30 });
		expect(await read({ PLIMSOLL_MAX_DB_AGE: "1.5" })).toMatchObject({ maxDatabaseAge: 1.5 });
		await expect(read({ PLIMSOLL_MAX_DB_AGE: "a week" })).rejects.toThrow(/which is not a number of days/);
	});

	it("the environment wins over the file, field by field; an empty variable counts as none", async () => {
		write(usual, "db: /file/db\ncache: /file/cache\nadvisorySource: https://file.example\ncaFile: /file/ca\n");
		const settings = await read({ PLIMSOLL_DB: "/env/db", PLIMSOLL_CA_FILE: "/env/ca", PLIMSOLL_CACHE: "" });
		expect(settings).toMatchObject({
			dbDir: "/env/db",
			cacheDir: "/file/cache",
			advisorySource: "https://file.example",
			caFile: "/env/ca",
		});
		expect(await read({ PLIMSOLL_CACHE: "c", PLIMSOLL_ADVISORY_SOURCE: "feeds" })).toMatchObject({
			cacheDir: "c",
			advisorySource: "feeds",
		});
	});

	it("a named file wins over the user's; they are not mixed", async () => {
		write(usual, "db: /user\ncache: /user\n");
		expect(await read()).toMatchObject({ dbDir: "/user", cacheDir: "/user" });
		const named = { PLIMSOLL_CONFIG: write("other.yaml", "db: /named\n") };
		expect(await read(named)).toMatchObject({ dbDir: "/named", cacheDir: join(work, "cache/plimsoll/layers") });
		expect(await read({ PLIMSOLL_CONFIG: "" })).toMatchObject({ dbDir: "/user" });
	});

	it("the working folder's file is not read: whoever may write there would choose what is trusted", async () => {
		const before = process.cwd();
		process.chdir(work);
		try {
			write("plimsoll.yaml", "insecureRegistries: [docker.io]\n");
			expect(await read()).toMatchObject({ insecureRegistries: [] });
		} finally {
			process.chdir(before);
		}
	});

	it("a named file must be there, others need not", async () => {
		expect(await complaint({ PLIMSOLL_CONFIG: join(work, "none.yaml") })).toMatch(/none\.yaml is not there/);
		expect(await complaint({ PLIMSOLL_CONFIG: work })).toMatch(/cannot be read/);
		expect(await read({ PLIMSOLL_CONFIG: "" })).toMatchObject({ caFile: null });
	});
});

describe("the file", () => {
	it.each(["", "\n", "# nothing yet\n", "db:\nmirrors:\n", "{}"])("may be empty: %j", async (text) => {
		write(usual, text);
		expect(await read()).toMatchObject({ dbDir: join(work, "cache/plimsoll/db"), mirrors: {} });
	});

	it("means the same wherever Plimsoll is started: relative paths start at the file", async () => {
		write(
			"etc/p.yaml",
			"db: db\ncache: ../cache\ncaFile: ca.pem\nadvisorySource: ./feeds\nfeeds: [kev, nvd=nvd, epss=https://e.example]\n",
		);
		expect(await read({ PLIMSOLL_CONFIG: join(work, "etc/p.yaml") })).toMatchObject({
			dbDir: join(work, "etc/db"),
			cacheDir: join(work, "cache"),
			caFile: join(work, "etc/ca.pem"),
			advisorySource: join(work, "etc/feeds"),
			feeds: ["kev", `nvd=${join(work, "etc/nvd")}`, "epss=https://e.example"],
		});
	});

	it("names mirrors and insecure registries", async () => {
		write(
			usual,
			`mirrors:
  docker.io: [mirror.example, mirror2.example:5000/hub]
  Registry.example:5000: only.example
  "[::1]:5000": []
insecureRegistries: [lab.example:5000, localhost]
`,
		);
		const { mirrors, insecureRegistries } = await read();
		expect(mirrors).toEqual({
			"docker.io": ["mirror.example", "mirror2.example:5000/hub"],
			"registry.example:5000": ["only.example"],
			"[::1]:5000": [],
		});
		expect(insecureRegistries).toEqual(["lab.example:5000", "localhost"]);
	});

	it.each([
		["db: [a", /is not YAML: .+\./],
		["db: a\ndb: b\n", /is not YAML: .*duplicated/],
		["db: a\n---\ndb: b\n", /holds 2 YAML documents/],
		["just words", /does not hold settings of the form name: value/],
		["- db\n", /does not hold settings/],
		[
			"dbb: /x\n",
			/unknown setting "dbb"; known are: db, cache, advisorySource, feeds, caFile, maxDatabaseAge, mirrors, insecureRegistries\./,
		],
		["__proto__: {db: /x}\n", /unknown setting|is not YAML/],
		["db: 5\n", /db is not a text/],
		['db: ""\n', /db is not a text/],
		["caFile: [a]\n", /caFile is not a text/],
		["maxDatabaseAge: 0\n", /maxDatabaseAge is not a number of days/],
		["maxDatabaseAge: '7'\n", /maxDatabaseAge is not a number of days/],
		["mirrors: [a]\n", /mirrors is not of the form/],
		["mirrors: {docker.io: {a: b}}\n", /mirrors of docker\.io is not a list of texts/],
		["mirrors: {https://docker.io: a}\n", /mirrors names "https:\/\/docker\.io", which is no registry/],
		["insecureRegistries: [1]\n", /insecureRegistries is not a list of texts/],
		["insecureRegistries: http://lab.example\n", /which is no registry of the form host or host:port/],
		["insecureRegistries: lab.example/space\n", /which is no registry/],
	])("%j is refused, with the file's name", async (text, expected) => {
		const path = write(usual, text);
		const message = await complaint();
		expect(message).toMatch(expected);
		expect(message).toContain(path);
		expect(message).not.toContain("\n");
	});
});
