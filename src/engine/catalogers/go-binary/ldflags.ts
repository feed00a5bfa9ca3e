/**
 * The version that a build stamped into its main module by `-ldflags "-X package.version=1.2.3"` (Go's cmd/link).
 * Variables named `version` or `ver` count, whatever their case, when their value is a semantic version. A command's
 * own variable comes before one of a package `main`, `common`, `version` or `cmd`, and these before any other;
 * several different versions at one step tell nothing. Returned with the leading `v`; empty when there is none.
 */
export function versionOfLdflags(ldflags: string, mainModule: string): string {
	const found: Set<string>[] = [new Set(), new Set(), new Set()];
	for (const [key, value] of readVariables(splitWords(ldflags))) {
		if (!/\.ver(?:sion)?$/i.test(key) || !semanticVersion.test(value)) continue;
		found[stepOf(key, mainModule)]?.add(value.startsWith("v") ? value : `v${value}`);
	}
	const versions = found.find((step) => step.size > 0) ?? new Set();
	const [version = ""] = versions;
	return versions.size === 1 ? version : "";
}

const semanticVersion = /^v?\d{1,9}(?:\.\d{1,9}(?:\.\d{1,9}(?:-[0-9A-Za-z.-]{1,100})?(?:\+[0-9A-Za-z.-]{1,100})?)?)?$/;
const usualPackages = new Set(["main", "common", "version", "cmd"]);

function stepOf(key: string, mainModule: string): 0 | 1 | 2 {
	if (key.startsWith(`${mainModule}/cmd/`)) return 0;
	const last = key.slice(key.lastIndexOf("/") + 1);
	return usualPackages.has(last.slice(0, last.indexOf(".")).toLowerCase()) ? 1 : 2;
}

/** `-X name=value`, `-X=name=value`; a later setting of a name wins, as in the linker. */
function readVariables(words: readonly string[]): ReadonlyMap<string, string> {
	const variables = new Map<string, string>();
	for (let i = 0; i < words.length; i++) {
		const [, attached] = /^--?X(?:=(.*))?$/s.exec(words[i] ?? "") ?? [null];
		if (attached === null) continue;
		const setting = attached ?? words[++i] ?? "";
		const equals = setting.indexOf("=");
		if (equals > 0) variables.set(setting.slice(0, equals), setting.slice(equals + 1));
	}
	return variables;
}

/** Words as a shell would part them, without its expansions. */
function splitWords(text: string): readonly string[] {
	const words: string[] = [];
	let word: string | null = null;
	let quote = "";
	for (const char of text) {
		if (char === quote) quote = "";
		else if (quote !== "") word += char;
		else if (char === "'" || char === '"') {
			quote = char;
			word ??= "";
		} else if (/\s/.test(char)) {
			if (word !== null) words.push(word);
			word = null;
		} else word = (word ?? "") + char;
	}
	if (word !== null) words.push(word);
	return words;
}
