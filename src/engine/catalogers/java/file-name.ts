/** The artifact and version that the name of an archive tells; the version is empty where it does not. */
export interface NamedArtifact {
	readonly artifact: string;
	readonly version: string;
}

/** Longer names are no artifact's, and are not taken apart. */
const nameLimit = 256;

/** Words that belong to a version when a hyphen stands before them. */
const qualifier =
	"(?:alpha|beta|milestone|m|rc|cr|snapshot|final|ga|release|sp|b|build|pre|preview|ea|dev|stable|incubating|jre|android|redhat|patch|p|v|hf|r)(?![a-z])";

/** A number with whatever follows it directly, then qualifiers, build numbers and timestamps: `2.2-beta-5`, `1.0-20240101.010101-1`. */
const version = new RegExp(`^\\d[\\w.+~]*(?:-${qualifier}[\\w.+]*|-\\d{8}\\.\\d{6}|-\\d+(?![.\\w]))*(?=-|$)`, "i");

/** What may stand behind a version: which build of the artifact it is. */
const classifier =
	/^-(?:sources|javadoc|tests?|test-jar|all|shaded|shadow|standalone|uber|fat|full|exec|boot|plain|with-dependencies|jar-with-dependencies|nodep|no_aop|no-deps|indy|core|classes|bundle|runtime|jakarta|(?:jdk|java|jvm|hadoop|scala|spark)[\w.]*|(?:linux|osx|windows|macos|darwin)[\w-]*|native[\w-]*)$/i;

/** OSGi's way: `org.eclipse.osgi_3.16.0.v20200828-0759`. */
const bundle = /^([^_]+)_(\d+\.\d+\.\d+[\w.-]*)$/;

/**
 * Takes `artifact-version[-classifier]` apart, without folder and ending. Artifacts may hold numbers behind a hyphen as
 * well (`log4j-1.2-api`, `servlet-api-2.5`), so each hyphen before a digit is tried, and the first whose rest is a
 * version and nothing else but a classifier wins; if none is, the last.
 */
export function parseFileName(path: string): NamedArtifact {
	const stem = stemOf(path);
	if (stem.length > nameLimit) return { artifact: stem, version: "" };
	const [, symbolicName, bundleVersion] = bundle.exec(stem) ?? [];
	if (symbolicName && bundleVersion) return { artifact: symbolicName, version: bundleVersion };
	let last: NamedArtifact = { artifact: stem, version: "" };
	for (const { index } of stem.matchAll(/(?<=.)-(?=\d)/g)) {
		const rest = stem.slice(index + 1);
		const found = version.exec(rest)?.[0];
		if (found === undefined) continue;
		last = { artifact: stem.slice(0, index), version: found };
		const behind = rest.slice(found.length);
		if (behind === "" || classifier.test(behind)) break;
	}
	return last;
}

/** The file's name without folder and ending. */
export function stemOf(path: string): string {
	const name = path.slice(path.lastIndexOf("/") + 1);
	const dot = name.lastIndexOf(".");
	return dot > 0 ? name.slice(0, dot) : name;
}
