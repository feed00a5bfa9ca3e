/** A text file by which a program tells its version. */
export interface VersionFile {
	/** A name of `runtimeProducts` in the model. */
	readonly product: string;
	readonly path: RegExp;
	/** Null when the text is none of the program. */
	readonly version: (text: string) => string | null;
}

/** How much of a text is read; these are some hundred bytes, Java's list of modules some thousand. */
export const textLimit = 64 * 1024;

export const versionFiles: readonly VersionFile[] = [
	{ product: "openjdk", path: /(?:^|\/)release$/, version: javaVersion },
	// https://www.erlang.org/doc/system/versions: two stars follow the version of a patched release.
	{
		product: "erlang",
		path: /(?:^|\/)releases\/\d+\/OTP_VERSION$/,
		version: (text) => /^(\d{1,3}(?:\.\d{1,4}){1,5}(?:-rc\d{1,2})?)(?:\*\*)?\s*$/.exec(text)?.[1] ?? null,
	},
	{
		product: "go",
		path: /(?:^|\/)(?:go[^/]*|toolchain@[^/]+)\/VERSION$/,
		version: (text) => /^go(\d{1,2}\.\d{1,3}(?:\.\d{1,3})?(?:(?:beta|rc)\d{1,2})?)[\s-]/.exec(`${text}\n`)?.[1] ?? null,
	},
];

/**
 * `JAVA_VERSION` of a runtime's `release` file (JEP 223), whoever built it. Java 8's `1.8.0_392` is written as later
 * ones are: `8.0.392`.
 */
function javaVersion(text: string): string | null {
	const [, version = ""] = /^JAVA_VERSION="?(\d[\w.+-]{0,40})"?\s*$/m.exec(text) ?? [];
	const [, major, minor, update = "0"] = /^1\.(\d{1,2})\.(\d{1,2})(?:_(\d{1,4}))?(?:$|[-+])/.exec(version) ?? [];
	if (major !== undefined && minor !== undefined) return `${major}.${minor}.${Number(update)}`;
	return /^\d{1,3}(?:\.\d{1,4}){0,5}/.exec(version)?.[0] ?? null;
}
