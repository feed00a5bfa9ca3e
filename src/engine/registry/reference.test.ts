import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatReference, parseReference } from "./reference.ts";

const digest = `sha256:${"0123456789abcdef".repeat(4)}`;

describe("parseReference", () => {
	test.each([
		["nginx", "docker.io/library/nginx:latest"],
		["nginx:1.27", "docker.io/library/nginx:1.27"],
		["library/nginx", "docker.io/library/nginx:latest"],
		["team/app", "docker.io/team/app:latest"],
		["docker.io/nginx", "docker.io/library/nginx:latest"],
		["index.docker.io/nginx:1", "docker.io/library/nginx:1"],
		["quay.io/team/app:v1", "quay.io/team/app:v1"],
		["localhost/app", "localhost/app:latest"],
		["localhost:5000/app:1", "localhost:5000/app:1"],
		["registry:5000/a/b/c_d/e__f/g--h:T_.-9", "registry:5000/a/b/c_d/e__f/g--h:T_.-9"],
		["127.0.0.1:5000/app", "127.0.0.1:5000/app:latest"],
		["[::1]:5000/app", "[::1]:5000/app:latest"],
		["Registry.Example/app", "registry.example/app:latest"],
		[`nginx@${digest}`, `docker.io/library/nginx@${digest}`],
		[`quay.io/app:1@${digest}`, `quay.io/app:1@${digest}`],
		["localhost:5000", "docker.io/library/localhost:5000"],
		[`r.example/${"0".repeat(64)}`, `r.example/${"0".repeat(64)}:latest`],
	])("%s is %s", (text, full) => {
		expect(formatReference(parseReference(text))).toBe(full);
	});

	test.each([
		["", /names no repository/],
		["registry.example/", /names no repository/],
		["NGINX", /lower case/],
		["quay.io/Team/app", /lower case/],
		["https://quay.io/app", /scheme/],
		["docker://nginx", /scheme/],
		["nginx:", /tag ""/],
		["nginx:-x", /tag "-x"/],
		[`nginx:${"x".repeat(129)}`, /tag/],
		["nginx@sha256:abc", /digest/],
		[`nginx@${digest.toUpperCase()}`, /digest/],
		[`nginx@${digest}@${digest}`, /digest/],
		["nginx@", /digest/],
		["a..b/c/d", /registry host/],
		["team//app", /repository name/],
		["app_", /repository name/],
		["a___b", /repository name/],
		[".a/b", /registry host/],
		["../../etc/passwd", /registry host/],
		["quay.io/../../v2/x", /repository name/],
		["host:99999/app", /registry host/],
		["host:0/app", /registry host/],
		["-host.example/app", /registry host/],
		["user@host/app", /digest/],
		["app name", /repository name/],
		["app\nname", /repository name/],
		["quay.io/app?x=1", /repository name/],
		["0".repeat(64), /image ID/],
		[`quay.io/${"a".repeat(250)}`, /255/],
		["a".repeat(10_000), /600/],
	])("%j is refused", (text, words) => {
		let thrown: unknown;
		try {
			parseReference(text);
		} catch (error) {
			thrown = error;
		}
		expect(thrown).toMatchObject({ code: "reference_malformed" });
		const { message, hint } = thrown as Error & { hint: string };
		expect(`${message} ${hint}`).toMatch(words);
		expect(hint).not.toBe("");
	});

	test("whatever is accepted, is written and read again as the same", () => {
		const part = fc.stringMatching(/^[a-zA-Z0-9._:@/[\]-]{0,12}$/);
		const texts = fc.tuple(part, part, part).map(([a, b, c]) => `${a}/${b}:${c}`);
		fc.assert(
			fc.property(texts, (text) => {
				let reference: ReturnType<typeof parseReference>;
				try {
					reference = parseReference(text);
				} catch (error) {
					expect(error).toMatchObject({ code: "reference_malformed" });
					return;
				}
				expect(parseReference(formatReference(reference))).toEqual(reference);
			}),
			{ numRuns: 2000 },
		);
	});
});
