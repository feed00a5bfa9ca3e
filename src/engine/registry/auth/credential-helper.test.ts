import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCredentialHelper } from "./credential-helper.ts";

const { PATH: path = "" } = process.env;
let folder = "";

/** Real programs: shell scripts found by PATH, as helpers are. */
const programs = {
	good: `[ "$1" = get ] || exit 9; read server; printf '{"ServerURL":"%s","Username":"me","Secret":"for %s"}' "$server" "$server"`,
	none: `echo 'credentials not found in native keychain'; exit 1`,
	locked: `echo 'the secret hunter2 is locked' >&2; exit 3`,
	garbled: `echo '{"Username": 7}'`,
	slow: `exec sleep 20`,
	endless: `exec yes yes-this-never-ends`,
	deaf: `exec 0<&-; printf '{"Username":"u","Secret":"s"}'`,
};

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "plimsoll-helpers-"));
	for (const [name, script] of Object.entries(programs)) {
		const file = join(folder, `docker-credential-${name}`);
		await writeFile(file, `#!/bin/sh\n${script}\n`);
		await chmod(file, 0o755);
	}
	process.env["PATH"] = `${folder}${delimiter}${path}`;
});

afterAll(async () => {
	process.env["PATH"] = path;
	await rm(folder, { recursive: true });
});

test("answers with user and secret of the server it was asked for", async () => {
	expect(await runCredentialHelper("good", "r.example:5000")).toEqual({ username: "me", secret: "for r.example:5000" });
	expect(await runCredentialHelper("deaf", "r.example")).toEqual({ username: "u", secret: "s" });
});

test("has none", async () => {
	expect(await runCredentialHelper("none", "r.example")).toBeNull();
});

test.each([
	["locked", /docker-credential-locked failed \(exit status 3\)/],
	["garbled", /docker-credential-garbled gave an answer/],
	["endless", /docker-credential-endless did not answer/],
	["missing", /docker-credential-missing cannot be run/],
	["../../bin/sh", /not the name of a helper/],
])("%s is credentials_unusable and tells no secret", async (name, message) => {
	const failure = expect.objectContaining({ code: "credentials_unusable", message: expect.stringMatching(message) });
	const error: Error = await runCredentialHelper(name, "r.example").then(
		() => new Error("none"),
		(thrown) => thrown,
	);
	expect(error).toEqual(failure);
	expect(error.message).not.toContain("hunter2");
});

test("a helper that waits for ever is stopped", async () => {
	await expect(runCredentialHelper("slow", "r.example", 100)).rejects.toMatchObject({ code: "credentials_unusable" });
});

test("a server's name with a line break is refused", async () => {
	await expect(runCredentialHelper("good", "r.example\nother")).rejects.toMatchObject({ code: "credentials_unusable" });
});
