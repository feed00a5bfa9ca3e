/**
 * Reads `WWW-Authenticate` (RFC 9110 §11.6.1): several challenges may stand in one field, separated by the same commas
 * as their parameters.
 */
export interface Challenge {
	/** Lower case: `bearer`, `basic`. */
	readonly scheme: string;
	/** Names in lower case. The first of a repeated parameter counts. */
	readonly parameters: ReadonlyMap<string, string>;
}

/** More than any registry sends; the rest of a longer field is not read. */
const maxLength = 8192;

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const parameterPattern = new RegExp(
	`\\s*(${token})\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|(${token}|[^\\s",]+))\\s*(?:,|$)`,
	"y",
);
const schemePattern = new RegExp(`[\\s,]*(${token})(?:\\s+|,|$)`, "y");
const token68Pattern = /[A-Za-z0-9._~+/-]+=*\s*(?:,|$)/y;

/** Parses the field; what cannot be read ends it. */
export function parseChallenges(field: string): readonly Challenge[] {
	const text = field.slice(0, maxLength);
	const challenges: Challenge[] = [];
	let at = 0;
	while (at < text.length) {
		const scheme = matchAt(schemePattern, text, at);
		if (!scheme) break;
		at += scheme[0].length;
		const parameters = new Map<string, string>();
		for (let match = matchAt(parameterPattern, text, at); match; match = matchAt(parameterPattern, text, at)) {
			at += match[0].length;
			const name = (match[1] ?? "").toLowerCase();
			const value = match[2]?.replace(/\\(.)/g, "$1") ?? match[3] ?? "";
			if (!parameters.has(name)) parameters.set(name, value);
		}
		if (parameters.size === 0) at += matchAt(token68Pattern, text, at)?.[0].length ?? 0;
		challenges.push({ scheme: (scheme[1] ?? "").toLowerCase(), parameters });
	}
	return challenges;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
	pattern.lastIndex = at;
	return pattern.exec(text);
}
