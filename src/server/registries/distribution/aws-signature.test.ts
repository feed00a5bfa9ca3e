import { expect, test } from "vitest";
import { signedHeaders } from "./aws-signature.ts";

// The cases and signatures that AWS publishes (aws-sig-v4-test-suite, and the IAM example of the documentation).
const key = {
	accessKeyId: "AKIDEXAMPLE",
	secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
	region: "us-east-1",
};
const at = new Date("2015-08-30T12:36:00Z");
const root = "https://example.amazonaws.com/";

test.each([
	["get-vanilla", "GET", root, {}, "", "service", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"],
	[
		"get-vanilla-query-order-key-case",
		"GET",
		`${root}?Param2=value2&Param1=value1`,
		{},
		"",
		"service",
		"b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
	],
	["post-vanilla", "POST", root, {}, "", "service", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"],
	[
		"post-x-www-form-urlencoded",
		"POST",
		root,
		{ "content-type": "application/x-www-form-urlencoded" },
		"Param1=value1",
		"service",
		"ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
	],
	[
		"iam-list-users",
		"GET",
		"https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08",
		{ "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
		"",
		"iam",
		"5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
	],
])("%s", (_, method, url, headers, body, service, signature) => {
	const sent = signedHeaders({ method, url: new URL(url), headers, body }, service, key, at);
	expect(sent["authorization"]).toContain(`Signature=${signature}`);
	expect(sent["x-amz-date"]).toBe("20150830T123600Z");
	expect(JSON.stringify(sent)).not.toContain(key.secretAccessKey);
});
