import { expect, test } from "vitest";
import { buildTar, file, longName, symlink } from "../../testing/archives/index.ts";
import { defaultLimits } from "../limits.ts";
import { TarReader } from "../tar/tar.ts";
import { TarIndex } from "./tar-index.ts";

test("names longer than any path are not kept", () => {
	const asked: number[] = [];
	const index = new TarIndex("archive", (found) => {
		asked.push(found.offset);
		return null;
	});
	const long = "n".repeat(defaultLimits.pathLength + 1);
	const longest = long.slice(1);
	const reader = new TarReader(index, defaultLimits);
	reader.push(
		buildTar([
			longName(long),
			file("x", "1"),
			longName(longest),
			file("x", "2"),
			longName(long, "K"),
			symlink("link", "x"),
		]),
	);
	expect(reader.finish()).toBe(true);
	expect(index.find(long)).toBeNull();
	expect(index.find(longest)).toMatchObject({ size: 1 });
	expect(asked).toHaveLength(1);
	expect(() => index.find("link")).toThrow("leads out");
});
