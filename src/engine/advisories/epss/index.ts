/**
 * FIRST's Exploit Prediction Scoring System: a CSV with one line for each CVE, some 300,000, behind a comment with the
 * day of the scores and a line of column names.
 * https://www.first.org/epss/data_stats
 */
import { chunksOf, readRecord, wholeFeed } from "../feed-bytes.ts";
import { cveAt } from "../feed-text.ts";
import type { FeedBytes, FeedItem } from "../feed-types.ts";
import { Malformed } from "../json.ts";

/** Characters of a line; real ones have some 30. */
const mostLine = 4096;

/** Throws `advisories_source_unusable` when the file is not of EPSS, or ends within a line. */
export function readEpss(bytes: FeedBytes): AsyncIterable<FeedItem> {
	return wholeFeed("EPSS", itemsOf(bytes));
}

async function* itemsOf(bytes: FeedBytes): AsyncGenerator<FeedItem> {
	let date: string | null = null;
	let columns: Columns | null = null;
	let number = 0;
	for await (const { line, whole } of linesOf(bytes)) {
		number += 1;
		if (!whole && (columns === null || readScore(line, number, "", columns)[0]?.kind === "malformed"))
			throw new Malformed("it ends early");
		if (date === null) date = dayOf(line);
		else if (columns === null) columns = columnsOf(line);
		else if (line !== "") yield* readScore(line, number, date, columns);
	}
	if (columns === null) throw new Malformed("it is empty");
}

function dayOf(line: string): string {
	const day = /^#.*\bscore_date:(\d{4}-\d\d-\d\d)/.exec(line.slice(0, mostLine))?.[1];
	if (day === undefined) throw new Malformed("it does not begin with the day of its scores");
	return day;
}

interface Columns {
	readonly cve: number;
	readonly epss: number;
	readonly percentile: number;
}

function columnsOf(line: string): Columns {
	const names = line.split(",");
	const columns = { cve: names.indexOf("cve"), epss: names.indexOf("epss"), percentile: names.indexOf("percentile") };
	if (Object.values(columns).includes(-1)) throw new Malformed("it has no columns cve, epss and percentile");
	return columns;
}

function readScore(line: string, number: number, date: string, columns: Columns): readonly FeedItem[] {
	return readRecord(`line ${number}`, () => {
		const cells = line.split(",");
		const id = cveAt(cells[columns.cve], "cve");
		const score = shareAt(cells[columns.epss], "epss");
		return [{ kind: "epss", id, epss: { score, percentile: shareAt(cells[columns.percentile], "percentile"), date } }];
	});
}

function shareAt(text: string | undefined, column: string): number {
	const share = /^\d(\.\d{1,20})?(e-\d{1,2})?$/i.test(text ?? "") ? Number(text) : Number.NaN;
	if (!(share >= 0 && share <= 1)) throw new Malformed(`${column} is not a number from 0 to 1`);
	return share;
}

const newline = 0x0a;

interface Line {
	readonly line: string;
	/** The last line of a file that was cut short seldom has an end. */
	readonly whole: boolean;
}

async function* linesOf(bytes: FeedBytes): AsyncGenerator<Line> {
	let rest = "";
	for await (const chunk of chunksOf(bytes)) {
		let from = 0;
		for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, from)) {
			const line = rest + latin1(chunk, from, at);
			if (line.length > mostLine) throw tooLong();
			yield { line: line.replace(/\r$/, ""), whole: true };
			rest = "";
			from = at + 1;
		}
		rest += latin1(chunk, from, chunk.length);
		if (rest.length > mostLine) throw tooLong();
	}
	if (rest !== "") yield { line: rest, whole: false };
}

/** The file is ASCII; other bytes show up as characters that no number and no CVE has. */
function latin1(bytes: Uint8Array, from: number, to: number): string {
	return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString("latin1");
}

function tooLong(): Malformed {
	return new Malformed(`a line has more than ${mostLine} characters`);
}
