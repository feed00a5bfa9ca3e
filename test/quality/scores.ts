/** How well findings agree with labels, and whether that is worse than it was. Pure. */

/** Of one ecosystem. */
export interface Score {
	readonly labels: number;
	/** Labels that were found. */
	readonly found: number;
	/** Labels that were not, each as `type name version id`. */
	readonly missed: readonly string[];
	/** Findings that no label backs. */
	readonly extra: readonly string[];
}

export type Scores = Readonly<Record<string, Score>>;

/** Something with names: a label has one, a finding as many as it has aliases. */
export interface Named {
	readonly ecosystem: string;
	/** `type name version` */
	readonly pkg: string;
	readonly ids: readonly string[];
}

/** A label counts as found when any name of a finding of its package is its own. */
export function scoresOf(labels: readonly Named[], findings: readonly Named[]): Scores {
	const keysOf = ({ pkg, ids }: Named) => ids.map((id) => `${pkg} ${id}`);
	const foundKeys = new Set(findings.flatMap(keysOf));
	const labelKeys = new Set(labels.flatMap(keysOf));
	const ecosystems = [...new Set([...labels, ...findings].map(({ ecosystem }) => ecosystem))].sort();
	return Object.fromEntries(
		ecosystems.map((ecosystem): [string, Score] => {
			const own = labels.filter((label) => label.ecosystem === ecosystem);
			const missed = own.filter((label) => !keysOf(label).some((key) => foundKeys.has(key)));
			const extra = findings.filter(
				(finding) => finding.ecosystem === ecosystem && !keysOf(finding).some((key) => labelKeys.has(key)),
			);
			const names = (list: readonly Named[]) => list.map((one) => `${one.pkg} ${one.ids[0] ?? ""}`).sort();
			const score = { labels: own.length, found: own.length - missed.length };
			return [ecosystem, { ...score, missed: names(missed), extra: names(extra) }];
		}),
	);
}

export interface Figures {
	readonly precision: number;
	readonly recall: number;
	readonly f1: number;
}

/** From 0 to 1; what finds nothing where nothing is, is perfect. */
export function figuresOf({ labels, found, extra }: Score): Figures {
	const precision = found + extra.length === 0 ? 1 : found / (found + extra.length);
	const recall = labels === 0 ? 1 : found / labels;
	const f1 = labels + found + extra.length === 0 ? 1 : (2 * found) / (labels + found + extra.length);
	return { precision, recall, f1 };
}

/** All ecosystems as if they were one. */
export function totalOf(scores: Scores): Score {
	const all = Object.values(scores);
	return {
		labels: all.reduce((sum, { labels }) => sum + labels, 0),
		found: all.reduce((sum, { found }) => sum + found, 0),
		missed: all.flatMap(({ missed }) => missed),
		extra: all.flatMap(({ extra }) => extra),
	};
}

/** What is worse than in the baseline, a line each. Empty when nothing is. */
export function regressions(now: Scores, baseline: Scores): readonly string[] {
	const unknown = Object.keys(now).filter((ecosystem) => !(ecosystem in baseline));
	return [
		...unknown.map((ecosystem) => `${ecosystem}: is not in the baseline`),
		...Object.entries(baseline).flatMap(([ecosystem, before]) => {
			const after = now[ecosystem];
			return after ? regressionsIn(ecosystem, after, before) : [`${ecosystem}: has no labels any more`];
		}),
	];
}

function regressionsIn(ecosystem: string, now: Score, before: Score): readonly string[] {
	const lines: string[] = [];
	const [is, was] = [figuresOf(now).f1, figuresOf(before).f1];
	if (now.labels < before.labels) lines.push(`${ecosystem}: ${now.labels} labels, ${before.labels} before`);
	if (is < was) lines.push(`${ecosystem}: F1 fell from ${was.toFixed(5)} to ${is.toFixed(5)}`);
	const known = new Set(before.missed);
	for (const missed of now.missed) if (!known.has(missed)) lines.push(`${ecosystem}: misses ${missed}`);
	return lines;
}
