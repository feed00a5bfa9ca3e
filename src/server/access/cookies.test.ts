import { expect, test } from "vitest";
import { clearSessionCookie, sessionCookies, setSessionCookie } from "./cookies.ts";

test.each([
	[undefined, []],
	["", []],
	["plimsoll_session=a", ["a"]],
	["x=1; plimsoll_session=a; y=2", ["a"]],
	["plimsoll_session=a;plimsoll_session=b", ["a", "b"]],
	["Plimsoll_Session=a", []],
	["xplimsoll_session=a; plimsoll_sessionx=b", []],
	["plimsoll_session", []],
	["=plimsoll_session", []],
	["plimsoll_session==", ["="]],
	["plimsoll_session=; plimsoll_session", [""]],
] as const)("%j", (header, values) => {
	expect(sessionCookies(header)).toEqual(values);
});

test("a header of 100 KB takes no time", () => {
	expect(sessionCookies(`${"a=b;".repeat(25_000)}plimsoll_session=x`)).toEqual(["x"]);
	expect(sessionCookies(";".repeat(100_000))).toEqual([]);
});

test("attributes", () => {
	expect(setSessionCookie("s", 60, true)).toBe(
		"plimsoll_session=s; Path=/; Max-Age=60; HttpOnly; SameSite=Strict; Secure",
	);
	expect(clearSessionCookie(false)).toBe("plimsoll_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict");
});
