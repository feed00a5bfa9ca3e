import { expect, test } from "vitest";
import { checkTarget, isLoopback } from "./address.ts";
import { mirrorEndpoint, originEndpoint } from "./endpoint.ts";

test.each(["localhost", "app.localhost", "127.0.0.1", "127.9.9.9", "[::1]", "[::ffff:7f00:1]"])(
	"%s is loopback",
	(host) => {
		expect(isLoopback(new URL(`http://${host}`).hostname)).toBe(true);
	},
);

test.each(["localhost.example", "127.0.0.1.example", "128.0.0.1", "notlocalhost", "[::2]"])("%s is not", (host) => {
	expect(isLoopback(new URL(`http://${host}`).hostname)).toBe(false);
});

const allowed = (registry: string, insecure: boolean, target: string): boolean => {
	try {
		checkTarget(new URL(target), originEndpoint(registry, insecure), "the address");
		return true;
	} catch (error) {
		expect(error).toMatchObject({ code: "registry_failed" });
		return false;
	}
};

test.each([
	["r.example", false, "https://cdn.example/x", true],
	["r.example", false, "https://10.0.0.7/x", true],
	["r.example", false, "http://cdn.example/x", false],
	["r.example", true, "http://cdn.example/x", true],
	["r.example", true, "http://127.0.0.1/x", false],
	["r.example", false, "https://localhost/x", false],
	["r.example", true, "http://169.254.169.254/latest/meta-data", false],
	["r.example", true, "http://2852039166/", false],
	["r.example", true, "http://[::ffff:169.254.169.254]/", false],
	["r.example", true, "http://0.0.0.0/", false],
	["localhost:5000", false, "http://127.0.0.1:9000/x", true],
	["localhost:5000", false, "http://cdn.example/x", false],
	["r.example", true, "gopher://cdn.example/x", false],
	["r.example", false, "https://me:pw@cdn.example/x", false],
])("%s (insecure %s) to %s: %s", (registry, insecure, target, expected) => {
	expect(allowed(registry, insecure, target)).toBe(expected);
});

test("which schemes are tried", () => {
	expect(originEndpoint("docker.io", false)).toMatchObject({ apiHost: "registry-1.docker.io", schemes: ["https"] });
	expect(originEndpoint("r.example", true).schemes).toEqual(["https", "http"]);
	expect(originEndpoint("[::1]:5000", false).schemes).toEqual(["https", "http"]);
	expect(mirrorEndpoint("m.example/cache/hub/")).toMatchObject({
		host: "m.example",
		prefix: "cache/hub/",
		schemes: ["https"],
	});
	expect(mirrorEndpoint("http://m.example:80")).toMatchObject({ host: "m.example:80", prefix: "", schemes: ["http"] });
	expect(mirrorEndpoint("https://localhost:5000").schemes).toEqual(["https"]);
});
