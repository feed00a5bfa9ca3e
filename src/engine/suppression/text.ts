/** Text for people on one line: control and format characters are gone, and what is longer than `most` is cut. */
export function cleanText(text: string, most: number): string {
	const line = text
		.slice(0, most * 4)
		.toWellFormed()
		.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Z}]+/gu, " ")
		.trim();
	return line.length > most ? `${line.slice(0, most - 1).toWellFormed()}…` : line;
}

/** Up to five names, each cut, and how many more. */
export function examples(names: readonly string[]): string {
	const distinct = [...new Set(names)];
	const shown = distinct.slice(0, 5).map((name) => cleanText(name, 120));
	const more = distinct.length - shown.length;
	return more > 0 ? `${shown.join(", ")} and ${more} more` : shown.join(", ");
}

/** Whether a text is a day of the calendar, `YYYY-MM-DD`. */
export function isDay(text: string): boolean {
	if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
	const date = new Date(`${text}T00:00:00Z`);
	return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

/** Milliseconds since 1970 of a date and time of RFC 3339; null when it is none. */
export function timeOf(text: string | undefined): number | null {
	if (text === undefined || !/^\d{4}-\d{2}-\d{2}(?:[Tt ]\d{2}:\d{2}|$)/.test(text)) return null;
	const time = new Date(text).getTime();
	return Number.isNaN(time) ? null : time;
}
