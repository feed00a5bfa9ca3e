import { EngineError } from "../errors.ts";

/** A file that cannot be used: nothing was scanned, since what it was to suppress would count. */
export function malformedFile(file: string, problem: string, cause?: unknown): EngineError {
	return new EngineError(
		"suppression_malformed",
		`${file} cannot be used: ${problem}`,
		"Correct the file, or leave it out.",
		cause,
	);
}
