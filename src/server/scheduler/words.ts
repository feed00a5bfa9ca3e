/** A cron expression as a sentence, for those who write one and wonder. The expression is a good one already. */

const days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"] as const;
const months = [
	"January",
	"February",
	"March",
	"April",
	"May",
	"June",
	"July",
	"August",
	"September",
	"October",
	"November",
	"December",
] as const;

/** Times that are listed one by one; more read better as minutes and hours. */
const mostTimes = 6;

export function cronInWords(cron: string, timeZone: string): string {
	const [minute = "*", hour = "*", day = "*", month = "*", weekday = "*"] = cron.trim().split(/\s+/);
	const sentence = `${timeWords(minute, hour)}${dayWords(day, weekday)}${monthWords(month)}`;
	return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}, ${timeZone} time.`;
}

function timeWords(minute: string, hour: string): string {
	const [minutes, hours] = [numbersIn(minute), numbersIn(hour)];
	if (minutes && hours && minutes.length * hours.length <= mostTimes)
		return `at ${joined(hours.flatMap((h) => minutes.map((m) => `${padded(h)}:${padded(m)}`)))}`;
	const past = minutes ? `at ${minutes.length === 1 ? "minute" : "minutes"} ${joined(minutes.map(String))}` : "";
	const ofHour = hourWords(hour, hours);
	if (minutes) return `${past} of ${ofHour}`;
	return hour === "*" ? everyWords(minute, "minute") : `${everyWords(minute, "minute")} of ${ofHour}`;
}

function hourWords(hour: string, hours: readonly number[] | null): string {
	if (hours) return `${hours.length === 1 ? "hour" : "hours"} ${joined(hours.map(String))}`;
	return everyWords(hour, "hour");
}

/** Stars, steps and ranges of minutes and hours. */
function everyWords(field: string, unit: string): string {
	if (field === "*") return `every ${unit}`;
	const parts = field.split(",").map((part) => {
		const [range = "*", step = "1"] = part.split("/");
		const within = range === "*" ? "" : ` from ${range.replace("-", " to ")}`;
		return `${step === "1" ? `every ${unit}` : `every ${step} ${unit}s`}${within}`;
	});
	return joined(parts);
}

function dayWords(day: string, weekday: string): string {
	const ofMonth = day === "*" ? "" : `on ${stepped(day, "day", (name) => name)} of the month`;
	const ofWeek = weekday === "*" ? "" : `on ${stepped(weekday, "weekday", weekdayName)}`;
	if (ofMonth && ofWeek) return ` ${ofMonth}, or ${ofWeek}`;
	if (ofMonth || ofWeek) return ` ${ofMonth}${ofWeek}`;
	return "";
}

function monthWords(month: string): string {
	return month === "*" ? "" : `, in ${stepped(month, "month", monthName)}`;
}

function stepped(field: string, unit: string, nameOf: (text: string) => string): string {
	return joined(
		field.split(",").map((part) => {
			const [range = "*", step] = part.split("/");
			const named = range === "*" ? "" : range.split("-").map(nameOf).join(" to ");
			if (step !== undefined) return `every ${step} ${unit}s${named ? ` from ${named}` : ""}`;
			return unit === "day" ? `day ${named}` : named;
		}),
	);
}

function weekdayName(text: string): string {
	const [name = text, nth] = text.split("#");
	const found = /^\d$/.test(name)
		? days[Number(name) % 7]
		: days.find((day) => day.slice(0, 3).toLowerCase() === name.toLowerCase());
	const word = found ?? name.replace(/L$/i, (last) => ` (${last}: the last)`);
	return nth === undefined ? word : `${word} number ${nth} of the month`;
}

function monthName(text: string): string {
	const byName = months.find((month) => month.slice(0, 3).toLowerCase() === text.toLowerCase());
	return byName ?? months[Number(text) - 1] ?? text;
}

/** Null when the field is more than a list of numbers. */
function numbersIn(field: string): readonly number[] | null {
	return /^\d+(?:,\d+)*$/.test(field) ? field.split(",").map(Number) : null;
}

function padded(number: number): string {
	return String(number).padStart(2, "0");
}

function joined(parts: readonly string[]): string {
	if (parts.length < 2) return parts.join("");
	return `${parts.slice(0, -1).join(", ")} and ${parts.at(-1) ?? ""}`;
}
