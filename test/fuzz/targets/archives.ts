/** Catalogers of archives: Java's, eggs, and Yarn's cache. */
import { java } from "../../../src/engine/catalogers/java/index.ts";
import { npm } from "../../../src/engine/catalogers/npm/index.ts";
import { python } from "../../../src/engine/catalogers/python/index.ts";
import { testdataOf } from "../inputs.ts";
import type { FuzzTarget } from "../target.ts";
import { catalogerTarget } from "./cataloger.ts";
import { zipAround, zipOf } from "./zips.ts";

const manifest =
	"Manifest-Version: 1.0\r\nImplementation-Title: a\r\nImplementation-Version: 1.0\r\nBundle-SymbolicName: org.a\r\n";
const properties = "# made\ngroupId=org.a\nartifactId=a\nversion=1.0\n";
const pom = "META-INF/maven/org.a/a/pom.properties";
const zipWords = [
	"PK\u0003\u0004",
	"PK\u0001\u0002",
	"PK\u0005\u0006",
	"PK\u0006\u0006",
	"PK\u0006\u0007",
	"PK\u0007\u0008",
];

function jars(): readonly Uint8Array[] {
	const inner = zipOf({ "META-INF/MANIFEST.MF": manifest, [pom]: properties, "org/a/B.class": "\u00ca\u00fe" });
	const war = zipOf({ "WEB-INF/lib/a-1.0.jar": inner, "WEB-INF/lib/b.jar": zipOf({ [pom]: properties }, 0) }, 0);
	return [
		...testdataOf("catalogers/java"),
		inner,
		war,
		zipOf({ "lib/app.war": war, [`x/${pom}`]: properties }),
		zipOf({ "META-INF/MANIFEST.MF": manifest, "com/b/C.class": "c" }, 0),
		zipOf({}),
	];
}

export const archiveCatalogers: readonly FuzzTarget[] = [
	catalogerTarget({
		name: "catalogers/java",
		cataloger: java,
		paths: ["app/a-1.2.jar"],
		seeds: jars,
		words: [
			...zipWords,
			"META-INF/MANIFEST.MF",
			"pom.properties",
			".jar",
			"groupId=",
			"version=",
			"Implementation-Version: ",
			"Bundle-Version: ",
			"\r\n ",
		],
		mend: (input, random) =>
			random.once(2)
				? input
				: zipAround(input, ["META-INF/MANIFEST.MF", pom, "lib/b.jar", "c.war", "d/E.class"], random),
	}),
	catalogerTarget({
		name: "catalogers/python:egg",
		cataloger: python,
		paths: ["opt/a-1.0-py3.9.egg"],
		seeds: () => [zipOf({ "EGG-INFO/PKG-INFO": "Name: a\nVersion: 1.0\n\n", "a/b.py": "" }), zipOf({ "a.py": "1" }, 0)],
		words: [...zipWords, "EGG-INFO/PKG-INFO", "Name: "],
		mend: (input, random) => (random.once(2) ? input : zipAround(input, ["EGG-INFO/PKG-INFO", "a.py"], random)),
	}),
	catalogerTarget({
		name: "catalogers/npm:yarn",
		cataloger: npm,
		paths: ["srv/.yarn/cache/a-npm-1.0.0-abc.zip"],
		seeds: () => [
			zipOf({ "node_modules/a/package.json": '{"name":"a","version":"1.0.0"}', "node_modules/a/i.js": "" }),
			zipOf({ "node_modules/@s/a/package.json": '{"name":"@s/a","version":"2.0.0"}' }, 0),
		],
		words: [...zipWords, "node_modules/a/package.json", '"version"'],
		mend: (input, random) =>
			random.once(2)
				? input
				: zipAround(input, ["node_modules/a/package.json", "node_modules/@s/b/node_modules/c/package.json"], random),
	}),
];
