import { expect, test } from "vitest";
import { cronInWords } from "./words.ts";

test.each([
	["30 3 * * *", "At 03:30, UTC time."],
	["0 3,15 * * 1-5", "At 03:00 and 15:00 on Monday to Friday, UTC time."],
	["*/15 * * * *", "Every 15 minutes, UTC time."],
	["* * * * *", "Every minute, UTC time."],
	["5 * * * *", "At minute 5 of every hour, UTC time."],
	["0 */6 * * *", "At minute 0 of every 6 hours, UTC time."],
	["*/10 9-17 * * MON,wed", "Every 10 minutes of every hour from 9 to 17 on Monday and Wednesday, UTC time."],
	["0 4 1 * *", "At 04:00 on day 1 of the month, UTC time."],
	["0 4 1,15 1-3 0", "At 04:00 on day 1 and day 15 of the month, or on Sunday, in January to March, UTC time."],
	["0 4 */2 DEC *", "At 04:00 on every 2 days of the month, in December, UTC time."],
	["0 4 * * 7", "At 04:00 on Sunday, UTC time."],
])("%s", (cron, words) => {
	expect(cronInWords(cron, "UTC")).toBe(words);
});
