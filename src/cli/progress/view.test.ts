import { Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import type { Output } from "../context.ts";
import { streamOutput } from "../output.ts";
import { barLine } from "./bar.ts";
import { createView } from "./view.ts";

function terminal(isTTY: boolean): { readonly output: Output; readonly text: () => string } {
	let text = "";
	const write = async (chunk: string): Promise<void> => {
		text += chunk;
	};
	return {
		output: { write, failure: null, isTTY, columns: isTTY ? 60 : null, colour: isTTY, unicode: true },
		text: () => text,
	};
}

describe("lines", () => {
	it("speaks at quarters, and after ten seconds of silence", async () => {
		let now = 0;
		const { output, text } = terminal(false);
		const view = await createView(output, { quiet: false, clock: () => new Date(now) });
		for (let percent = 0; percent <= 100; percent++) {
			now += percent < 20 ? 1000 : 10;
			view.show(percent / 100, "x");
		}
		await view.stop();
		expect(text().match(/\d+ %/g)).toEqual(["9 %", "19 %", "25 %", "50 %", "75 %", "100 %"]);
	});

	it("keeps hostile names on their line", async () => {
		const { output, text } = terminal(false);
		const view = await createView(output, { quiet: false, clock: () => new Date(0) });
		view.milestone("scanning a\nb\u001b[2J");
		expect(text()).toBe("plimsoll: scanning a b [2J\n");
	});
});

describe("bar", () => {
	it("shows on a terminal and is gone when it stops", async () => {
		const { output, text } = terminal(true);
		const view = await createView(output, { quiet: false, clock: () => new Date(0) });
		view.show(0.42, "4.2 of 10.0 MB");
		await view.stop();
		expect(text()).toContain(" 42 % ");
		// Ends with the cursor shown, in the first column of an empty line.
		const end = text().lastIndexOf("\u001b[?25h");
		expect(end).toBeGreaterThan(text().lastIndexOf("MB"));
		expect(text().slice(end)).toContain("\u001b[2K");
	});

	it("writes nothing when quiet", async () => {
		const { output, text } = terminal(true);
		const view = await createView(output, { quiet: true, clock: () => new Date(0) });
		view.show(0.5, "x");
		await view.stop();
		expect(text()).toBe("");
	});

	it.each([
		[0.5, "12.3 of 24.6 MB", 40, true, " 50 % █████████░░░░░░░░░ 12.3 of 24.6 MB"],
		[0, "x", 20, false, "  0 % ............ x"],
		[1, "x", 20, false, "100 % ############ x"],
		[0.333, "a long text that fills the line", 20, true, " 33 % a long text th"],
		[null, "waiting", 40, true, "waiting"],
	])("%d %j at %i columns", (fraction, text, columns, unicode, expected) => {
		const line = barLine(fraction, text, columns, unicode);
		expect(line).toBe(expected);
		expect(line.length).toBeLessThanOrEqual(columns);
	});
});

describe("streamOutput", () => {
	it("keeps why text could not be written", async () => {
		const failing = new Writable({ write: (_chunk, _encoding, done) => done(new Error("ENOSPC: no space left")) });
		const output = streamOutput(failing, { isTTY: false, columns: () => null, colour: false, unicode: true });
		await output.write("one");
		expect(output.failure?.message).toContain("ENOSPC");
	});

	it("drops text quietly once the reader is gone", async () => {
		let writes = 0;
		const pipe = new Writable({
			write: (_chunk, _encoding, done) => {
				writes += 1;
				done(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
			},
		});
		const output = streamOutput(pipe, { isTTY: false, columns: () => null, colour: false, unicode: true });
		await output.write("one");
		await new Promise((resolve) => setImmediate(resolve));
		await output.write("two");
		expect(writes).toBe(1);
		expect(output.failure).toBeNull();
	});
});
