import { mostReasonLength } from "../limits.ts";
import { gatherProblems } from "../problems.ts";
import { cleanText, isDay } from "../text.ts";
import { everywhere, type Statement, type Suppressions } from "../types.ts";
import { noReason, vulnerabilityNames } from "../vex-words.ts";

/**
 * `.trivyignore`: an identifier a line, `exp:YYYY-MM-DD` behind it, comments after `#`. The comment on the line is the
 * reason, else the one that stands directly above it or above the lines before it. A line that is not of that form is not
 * applied: a misspelt date must not become an entry without end.
 */
export function readTrivyIgnore(text: string, file: string): Suppressions {
	const problems = gatherProblems(file);
	const statements: Statement[] = [];
	let comment: string[] = [];
	let inComment = false;
	for (const [index, line] of text.split("\n").entries()) {
		const place = `line ${index + 1}`;
		const [, before = "", behind] = /^([^#]*)(?:#(.*))?$/s.exec(line.trim()) ?? [];
		const [name, ...options] = before.split(/\s+/).filter((word) => word !== "");
		if (name === undefined) {
			if (behind === undefined || !inComment) comment = [];
			if (behind !== undefined) comment.push(behind);
			inComment = behind !== undefined;
			continue;
		}
		inComment = false;
		const vulnerabilities = vulnerabilityNames([name]);
		const expires = expiryIn(options);
		if (vulnerabilities.length === 0 || expires === null) {
			problems.add("line", `${place} ("${cleanText(before, 80)}")`);
			continue;
		}
		statements.push({
			file,
			place,
			kind: "ignore",
			vulnerabilities,
			scopes: [everywhere],
			status: "accepted",
			reason: cleanText(behind ?? comment.join(" "), mostReasonLength) || noReason,
			...(expires === undefined ? {} : { expires }),
			time: null,
		});
	}
	return { statements, problems: problems.sentences() };
}

/** Undefined when none is given, null when it is not understood. */
function expiryIn(options: readonly string[]): string | null | undefined {
	const [only, ...more] = options;
	if (only === undefined) return undefined;
	const day = only.startsWith("exp:") ? only.slice("exp:".length) : "";
	return more.length === 0 && isDay(day) ? day : null;
}
