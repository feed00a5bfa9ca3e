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
