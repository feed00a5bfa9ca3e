import { defineConfig } from "vitest/config";
import { ClosingLine } from "./test/reporters/closing-line.ts";

export default defineConfig({
	test: {
		include: ["src/**/*.test.ts", "test/**/*.test.ts", "tools/**/*.test.ts"],
		reporters: ["default", new ClosingLine({ skipsFail: process.env["CI"] === "true" })],
		// A process each: tests measure memory, send signals and start programs. Threads were 15 % faster, not worth it.
		// Two at a time fill the two cores of the build machine.
		pool: "forks",
		maxWorkers: 2,
		// A unit test takes milliseconds. Tests that start real programs set their own, longer limit.
		testTimeout: 20_000,
		hookTimeout: 60_000,
	},
});
