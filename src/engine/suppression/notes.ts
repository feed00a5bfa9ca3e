import { counted, type Report, type Warning } from "#model";
import { type ImageIdentity, matchesImage } from "./image-match.ts";
import { examples } from "./text.ts";
import type { Statement, Suppressions } from "./types.ts";

/** What became of the statements. */
export interface Usage {
	/** Those that are about some finding, whether they decided on it or not. */
	readonly matched: ReadonlySet<Statement>;
	/** Those that have expired, and how many findings count again. */
	readonly expired: ReadonlyMap<Statement, number>;
	/** The images that were scanned. */
	readonly images: readonly ImageIdentity[];
}

/** Says what had no effect and why, a sentence a file and reason. */
export function notesOn(report: Report, { statements, problems }: Suppressions, usage: Usage): readonly Warning[] {
	const byFile = new Map<string, Statement[]>();
	for (const statement of statements) {
		const list = byFile.get(statement.file);
		if (list) list.push(statement);
		else byFile.set(statement.file, [statement]);
	}
	return [
		...[...byFile].flatMap(([file, own]) => expired(file, own, usage)),
		...problems.map((message): Warning => ({ code: "suppression_unused", message })),
		// Without a result, nothing can be said of what matches nothing.
		...(report.status === "failed" ? [] : [...byFile].flatMap(([file, own]) => unused(file, own, usage))),
	];
}

function expired(file: string, statements: readonly Statement[], usage: Usage): readonly Warning[] {
	const over = statements.filter((statement) => usage.expired.has(statement));
	if (over.length === 0) return [];
	const findings = over.reduce((sum, statement) => sum + (usage.expired.get(statement) ?? 0), 0);
	const what = counted(over.length, "entry has expired", "entries have expired");
	const again = findings === 1 ? "1 finding counts again" : `${findings} findings count again`;
	const names = over.map((each) => `${named(each)}, until ${each.expires ?? ""}`);
	return [{ code: "suppression_expired", message: `${file}: ${what}, so ${again}: ${examples(names)}.` }];
}

function unused(file: string, statements: readonly Statement[], usage: Usage): readonly Warning[] {
	// Statements that suppress nothing by themselves are never missed.
	const active = statements.filter(({ status }) => status !== "affected" && status !== "under_investigation");
	const idle = active.filter((statement) => !usage.matched.has(statement));
	const isVex = statements.every(({ kind }) => kind === "vex");
	if (isVex && active.length > 0 && !statements.some((statement) => usage.matched.has(statement))) {
		const what = counted(active.length, "statement does", "statements do");
		return [note(`${file}: its ${what} not match any finding of this image: ${examples(idle.map(named))}.`)];
	}
	const missed = idle.filter((statement) => claims(statement, usage.images));
	if (missed.length === 0) return [];
	const what = isVex
		? counted(missed.length, "statement names this image but matches", "statements name this image but match")
		: counted(missed.length, "entry matches", "entries match");
	return [note(`${file}: ${what} no finding of this image: ${examples(missed.map(named))}.`)];
}

/** Whether a statement is about one of these images: by its name; an entry of an ignore file also when it names none. */
function claims({ kind, scopes }: Statement, images: readonly ImageIdentity[]): boolean {
	return scopes.some(({ images: asked }) =>
		asked === null ? kind === "ignore" : asked.some((one) => images.some((image) => matchesImage(one, image))),
	);
}

function named({ vulnerabilities, place }: Statement): string {
	return `${vulnerabilities[0] ?? ""} (${place})`;
}

function note(message: string): Warning {
	return { code: "suppression_unused", message };
}
