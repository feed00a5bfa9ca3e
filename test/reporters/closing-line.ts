import type { Reporter, TestCase, TestModule } from "vitest/node";

/**
 * Closes a run with `N passed, N failed`, and `, N skipped` only when some were, each of them named with its reason.
 * What failed before its tests could be counted (a file that does not load, an error outside tests) is one failure.
 */
export class ClosingLine implements Reporter {
	readonly #skipsFail: boolean;
	readonly #print: (line: string) => void;

	constructor(options: { readonly skipsFail: boolean; readonly print?: (line: string) => void }) {
		this.#skipsFail = options.skipsFail;
		this.#print = options.print ?? ((line) => process.stdout.write(`${line}\n`));
	}

	onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
		const tests = modules.flatMap((module) => [...module.children.allTests()]);
		const skipped = tests.filter((test) => test.result().state === "skipped");
		const passed = tests.filter((test) => test.result().state === "passed").length;
		const failed =
			tests.length - passed - skipped.length + modules.flatMap(errorsOutsideTests).length + unhandledErrors.length;

		for (const test of skipped)
			this.#print(`skipped: ${test.module.relativeModuleId} > ${test.fullName}${reasonOf(test)}`);
		if (skipped.length > 0 && this.#skipsFail) {
			this.#print("No test may be skipped here: CI=true. Install what the lines above name.");
			process.exitCode = 1;
		}
		const tail = skipped.length > 0 ? `, ${skipped.length} skipped` : "";
		this.#print(`${passed} passed, ${failed} failed${tail}`);
	}
}

/** Errors of the file itself and of hooks and bodies of its groups. */
function errorsOutsideTests(module: TestModule): readonly unknown[] {
	return [...module.errors(), ...[...module.children.allSuites()].flatMap((suite) => suite.errors())];
}

/** The note of `context.skip(note)`; a test skipped by `skipIf` carries its reason in its name. */
function reasonOf(test: TestCase): string {
	const result = test.result();
	return result.state === "skipped" && result.note !== undefined ? ` (${result.note})` : "";
}
