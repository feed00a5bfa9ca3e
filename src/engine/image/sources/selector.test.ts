import { expect, test } from "vitest";
import { splitSelector } from "./selector.ts";

const digest = `sha256:${"a".repeat(64)}` as const;
const existing = new Set(["dir", "/a/dir", "image.tar", "/a:b/dir", "/a", "odd:1.0", "odd"]);

test.each([
	["dir", "dir", { kind: "only" }],
	["/a/dir:1.0", "/a/dir", { kind: "tag", tag: "1.0" }],
	["image.tar:registry:5000/app:1", "image.tar", { kind: "tag", tag: "registry:5000/app:1" }],
	["/a:b/dir", "/a:b/dir", { kind: "only" }],
	["/a:b/dir:1", "/a:b/dir", { kind: "tag", tag: "1" }],
	["odd:1.0", "odd:1.0", { kind: "only" }],
	["odd:1.0:2", "odd:1.0", { kind: "tag", tag: "2" }],
	["odd:2.0", "odd", { kind: "tag", tag: "2.0" }],
	["missing:1.0", "missing:1.0", { kind: "only" }],
	["dir:", "dir:", { kind: "only" }],
	[`dir@${digest}`, "dir", { kind: "digest", digest }],
	["user@host", "user@host", { kind: "only" }],
])("%s is %s with %j", (text, path, selector) => {
	expect(splitSelector(text, (one) => existing.has(one))).toEqual({ path, selector });
});
