import { describe, expect, test } from "vitest";
import { readWhiteout } from "./whiteout.ts";

describe("readWhiteout", () => {
	test.each([
		[".wh.foo", "foo"],
		["etc/.wh.passwd", "etc/passwd"],
		["etc/.wh..hidden", "etc/.hidden"],
		["a/.wh.b.wh.c", "a/b.wh.c"],
		["etc/.wh....", "etc/..."],
		["etc/.wh..wh.foo", "etc/.wh.foo"],
	])("%s deletes %s", (path, hidden) => {
		expect(readWhiteout(path)).toEqual({ kind: "whiteout", path: hidden });
	});

	test.each([
		[".wh..wh..opq", ""],
		["etc/.wh..wh..opq", "etc"],
		["usr/lib/x/.wh..wh..opq", "usr/lib/x"],
	])("%s hides what is below %j", (path, folder) => {
		expect(readWhiteout(path)).toEqual({ kind: "opaque", path: folder });
	});

	test.each([".wh..wh.aufs", ".wh..wh.plnk", ".wh..wh.plnk/123.456", ".wh..wh.orph/file", ".wh..wh..opq/file"])(
		"%s is bookkeeping",
		(path) => {
			expect(readWhiteout(path)).toEqual({ kind: "ignored" });
		},
	);

	test.each([".wh.", "etc/.wh.", "etc/.wh..", "etc/.wh..."])("%s is malformed", (path) => {
		expect(readWhiteout(path)).toEqual({ kind: "malformed" });
	});

	test.each([
		"usr/lib/python3/dist-packages/wheel-0.42.0.dist-info/METADATA",
		"usr/share/x.wh.foo",
		"a/.whfoo",
		"a/wh.foo",
		"a/.wh.dir/file",
		"a/.wh..wh.orph/file",
		"a/.wh..wh..opq/file",
		"a/.WH.file",
	])("%s is an ordinary file", (path) => {
		expect(readWhiteout(path)).toBeNull();
	});
});
