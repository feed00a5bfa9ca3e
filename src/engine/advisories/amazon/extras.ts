/**
 * Amazon Linux 2 "extras": topics such as `postgresql14` or `kernel-5.10`, whose packages have the same names as older
 * ones of the core repository, and rpm does not remember which repository a package came from. The topic is in the
 * advisory's name (`ALAS2POSTGRESQL14-2023-001`), and its number says with which upstream version its line begins.
 */

/**
 * The lowest version of a package that an advisory can be about: `14` for `14.3-1.amzn2` in topic `postgresql14`, so that
 * a core `postgresql` of 9.2 is none of its matter; `0` where the name tells no number, or the package is another's, with
 * numbers of its own.
 */
export function lineStart(advisory: string, fixed: string): string {
	const topic = /^ALAS2([A-Z].*)-\d{4}-\d+$/i.exec(advisory)?.[1];
	const line = topic === undefined ? undefined : /(\d+(?:\.\d+)*)$/.exec(topic)?.[1];
	if (line === undefined) return "0";
	const [, epoch = "", version = ""] = /^(\d+:)?(.*)$/.exec(fixed) ?? [];
	return isAtLeast(version, line) ? epoch + line : "0";
}

/** Whether the leading numbers of a version are those of the line, or later ones. */
function isAtLeast(version: string, line: string): boolean {
	const numbers = version.split(/[^\d]/).map(Number);
	for (const [index, part] of line.split(".").map(Number).entries()) {
		const number = numbers[index] ?? 0;
		if (number !== part) return number > part;
	}
	return true;
}
