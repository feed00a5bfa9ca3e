import { expect, test } from "vitest";
import { networkFailure } from "./network-failure.ts";

/** As fetch throws it: the reason is the cause, or the first of many when several addresses were tried. */
function thrown(code: string, message = code): Error {
	return new TypeError("fetch failed", { cause: Object.assign(new Error(message), { code }) });
}

test.each([
	["ECONNREFUSED", "registry_unreachable", /refused/, true],
	["ENOTFOUND", "registry_unreachable", /DNS/, false],
	["EAI_AGAIN", "registry_unreachable", /DNS/, true],
	["UND_ERR_CONNECT_TIMEOUT", "registry_unreachable", /in time/, true],
	["ESOMETHING", "registry_unreachable", /ESOMETHING/, true],
	["DEPTH_ZERO_SELF_SIGNED_CERT", "registry_tls", /self-signed/, false],
	["SELF_SIGNED_CERT_IN_CHAIN", "registry_tls", /not trusted/, false],
	["CERT_HAS_EXPIRED", "registry_tls", /expired/, false],
	["ERR_TLS_CERT_ALTNAME_INVALID", "registry_tls", /another host name/, false],
	["CERT_SIGNATURE_FAILURE", "registry_tls", /not valid/, false],
	["ERR_SSL_WRONG_VERSION_NUMBER", "registry_tls", /plain HTTP/, false],
	["EPROTO", "registry_tls", /plain HTTP/, false],
])("%s is %s", (code, expected, words, transient) => {
	const failure = networkFailure("r.example:5000", thrown(code));
	expect(failure.error).toMatchObject({ code: expected, message: expect.stringMatching(words) });
	expect(failure.error.message).toContain("r.example:5000");
	expect(failure.transient).toBe(transient);
});

test("several addresses, a proxy's refusal, and an error without a code", () => {
	const refused = new AggregateError([Object.assign(new Error("a"), { code: "ECONNREFUSED" })]);
	expect(networkFailure("h", new TypeError("fetch failed", { cause: refused })).error.message).toMatch(/refused/);
	const proxy = networkFailure("h", thrown("UND_ERR_ABORTED", "Proxy response (407) !== 200 when HTTP Tunneling"));
	expect(proxy).toMatchObject({ transient: false, error: { message: expect.stringContaining("proxy answered 407") } });
	expect(networkFailure("h", new TypeError("fetch failed", { cause: new Error("bad port") })).error.message).toContain(
		"bad port",
	);
	const circle = new Error("circle");
	circle.cause = circle;
	expect(networkFailure("h", circle).error.code).toBe("registry_unreachable");
});
