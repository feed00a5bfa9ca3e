import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { configFields } from "./config-file.ts";

const page = readFileSync(new URL("../../docs/configuration.md", import.meta.url), "utf8");

/** The names in the first column of all tables: `` `a`, `b` ``. */
const named = new Set(
	page
		.split("\n")
		.filter((line) => line.startsWith("| `"))
		.flatMap((line) => [...(line.split("|")[1] ?? "").matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? "")),
);

/** Plimsoll's own word to the processes that it starts: nobody else sets it. */
const internal: ReadonlySet<string> = new Set(["PLIMSOLL_SCAN_LAYERS"]);

/** The environment is read by name in src/main only; http.ts asks for lower-case names and tries both. */
function variablesRead(): readonly string[] {
	const sources = readdirSync(import.meta.dirname, { recursive: true, encoding: "utf8" })
		.filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
		.map((name) => readFileSync(join(import.meta.dirname, name), "utf8"));
	return sources.flatMap((source) =>
		[...source.matchAll(/\benv\["(\w+)"\]|[sS]etting\(env, "(\w+)"\)/g)].map(
			([, exact, either]) => exact ?? either?.toUpperCase() ?? "",
		),
	);
}

test("docs/configuration.md names every field and every environment variable, and no other", () => {
	const variables = variablesRead();
	expect(variables).toEqual(
		expect.arrayContaining(["PLIMSOLL_CONFIG", "HTTPS_PROXY", "DOCKER_CONFIG", "DATABASE_URL"]),
	);
	expect([...named].sort()).toEqual(
		[...new Set([...configFields, ...variables])].filter((name) => !internal.has(name)).sort(),
	);
});
