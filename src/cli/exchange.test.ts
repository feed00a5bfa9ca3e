/** The commands that bring a database in and out, and the flags that choose one; the engine only listens. */
import { describe, expect, it } from "vitest";
import { run } from "./run.ts";
import { reportOf, type TestWorld, testContext } from "./testing/test-context.ts";

async function call(line: string, world: TestWorld = {}) {
	const test = testContext(world);
	const code = await run(line.split(" "), test.context);
	return { code, stdout: test.stdout(), stderr: test.stderr(), calls: test.calls };
}

const digest = `sha256:${"ab".repeat(32)}`;

describe("db import", () => {
	it("hands its flags over and tells what was taken in", async () => {
		const flags = `--db /my/db --digest ${digest} --key cosign.pub --allow-older --insecure --ca-file /ca.pem`;
		const { code, stdout, stderr, calls } = await call(`db import registry.example/trivy-db:2 ${flags}`);
		expect(code).toBe(0);
		expect(calls).toEqual([
			{
				type: "import",
				call: expect.objectContaining({
					from: "registry.example/trivy-db:2",
					dir: "/my/db",
					digest,
					keyFile: "cosign.pub",
					allowOlder: true,
					network: { insecure: true, caFile: "/ca.pem" },
				}),
			},
		]);
		expect(stdout).toBe(
			"The advisory database in /my/db (trivy-db) was imported: sha256:2\n" +
				"  from registry.example/trivy-db:2, sha256:3, signed by cosign.pub\n" +
				"  built 2026-11-13T18:00:00Z, 7 records, 1.5 MB\n",
		);
		expect(stderr).toBe(
			"plimsoll: importing an advisory database (trivy-db)\n" +
				"plimsoll: the database is 10 days old: vulnerabilities published since are missing.\n" +
				"plimsoll: entries that could not be read and were left out: 1.\n" +
				"plimsoll: these parts of it are not known to Plimsoll and were left out: templeos 5.\n",
		);
	});

	it("has its defaults, and asks for no signature", async () => {
		const { calls, stdout } = await call("db import db.tar.gz --quiet");
		const asked = { dir: "/data/db", digest: null, keyFile: null, allowOlder: false };
		expect(calls).toEqual([{ type: "import", call: expect.objectContaining(asked) }]);
		expect(stdout).not.toContain("signed");
	});

	it("says when scans will refuse what was taken in", async () => {
		const { stderr } = await call("db import db.tar.gz --quiet", { maxDatabaseAge: 5 });
		expect(stderr).toContain("the database is 10 days old: scans will refuse it, since 5 are allowed.");
	});

	it.each([
		["db import", /missing required argument 'source'/],
		["db import x --digest latest", /--digest does not understand "latest"/],
		["db import x --digest sha256:12", /--digest does not understand/],
		["db import x y", /too many arguments/],
	])("%s is wrong usage", async (line, words) => {
		const { code, stderr, calls } = await call(line);
		expect(code).toBe(2);
		expect(stderr).toMatch(words);
		expect(calls).toEqual([]);
	});
});

describe("db export", () => {
	it("hands its flags over and tells what was written", async () => {
		const flags = "--db /my/db --db-source own --sign key.pem --insecure";
		const { code, stdout, stderr, calls } = await call(`db export oci-archive:x.tar ${flags}`);
		expect(code).toBe(0);
		expect(calls).toEqual([
			{
				type: "export",
				call: expect.objectContaining({
					to: "oci-archive:x.tar",
					dir: "/my/db",
					choice: "own",
					signFile: "key.pem",
					network: { insecure: true, caFile: null },
				}),
			},
		]);
		expect(stdout).toBe(
			"The advisory database (own) was exported to oci-archive:x.tar: sha256:4\n" +
				"  built 2026-11-23T18:00:00Z, 9.0 MB, 1.5 MB compressed\n",
		);
		expect(stderr).toBe("plimsoll: 25 %, packing, 1 kB of 1 kB\n");
	});

	it("does not know other sources", async () => {
		const { code, stderr } = await call("db export x/y --db-source nvd");
		expect(code).toBe(2);
		expect(stderr).toContain('--db-source does not know "nvd". Available: auto, own, trivy-db.');
	});
});

describe("the database of a scan", () => {
	const opened = (calls: Awaited<ReturnType<typeof call>>["calls"]) =>
		calls.flatMap((one) => (one.type === "openAdvisories" ? [one.dir] : []));

	it("is chosen by --db-source", async () => {
		expect(opened((await call("scan x --quiet")).calls)).toEqual(["/data/db"]);
		expect(opened((await call("scan x --db-source trivy-db --quiet")).calls)).toEqual(["/data/db/trivy-db"]);
		expect((await call("scan x --db-source other")).code).toBe(2);
	});

	it("may be refused for its age: the flag wins over the setting", async () => {
		const world = { report: reportOf([]), maxDatabaseAge: 30 };
		const asked = async (line: string) =>
			(await call(line, world)).calls.filter(({ type }) => type === "requireRecent");
		const builtAt = "2026-11-23T04:00:00Z";
		expect(await asked("scan x --quiet")).toEqual([{ type: "requireRecent", builtAt, mostDays: 30 }]);
		expect(await asked("scan x --quiet --max-db-age 1.5")).toEqual([{ type: "requireRecent", builtAt, mostDays: 1.5 }]);
	});

	it.each(["0", "-1", "week", "1e3", ""])("has no age of %j days", async (days) => {
		const { code, stderr, calls } = await call(`scan x --max-db-age=${days}`);
		expect(code).toBe(2);
		expect(stderr).toMatch(/--max-db-age/);
		expect(calls).toEqual([]);
	});
});

describe("db status", () => {
	it("shows the database that --db-source names", async () => {
		const asked: string[] = [];
		const engine = {
			verifySnapshot: async (dir: string) => {
				asked.push(dir);
				return { digest: "sha256:2", actual: "sha256:2", problems: [] } as const;
			},
		};
		expect((await call("db status --verify --db-source trivy-db", { engine })).code).toBe(0);
		expect(asked).toEqual(["/data/db/trivy-db"]);
	});
});
