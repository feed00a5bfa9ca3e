import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { stopOnSignals } from "./signals.ts";

function signalled() {
	const exits: number[] = [];
	const said: string[] = [];
	const emitter = new EventEmitter();
	const process = {
		on: (signal: string, listener: () => void) => emitter.on(signal, listener),
		exit: (code: number) => void exits.push(code),
	};
	const stop = stopOnSignals(process, (text) => void said.push(text), 130);
	return { emit: (signal: string) => emitter.emit(signal), stop, exits, said };
}

test("the second one kills what loses nothing by it", () => {
	const emitter = new EventEmitter();
	const exits: number[] = [];
	const stop = stopOnSignals(
		{ on: (signal, listener) => emitter.on(signal, listener), exit: (code) => void exits.push(code) },
		() => {},
		130,
		0,
	);
	emitter.emit("SIGTERM");
	expect([stop.aborted, exits]).toEqual([true, []]);
	emitter.emit("SIGTERM");
	expect(exits).toEqual([130]);
});

test.each([
	["SIGINT", "SIGINT", "SIGINT"],
	["SIGTERM", "SIGINT", "SIGTERM"],
])("%s stops, %s says that it is being done, %s kills", (first, second, third) => {
	const { emit, stop, exits, said } = signalled();
	expect(stop.aborted).toBe(false);
	emit(first);
	expect([stop.aborted, said, exits]).toEqual([true, [], []]);
	emit(second);
	expect([said.length, exits]).toEqual([1, []]);
	emit(third);
	expect([said.length, exits]).toEqual([1, [130]]);
});
