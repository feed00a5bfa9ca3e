import { expect, test } from "vitest";
import { runCataloger } from "../testing.ts";
import { java } from "./index.ts";
import { buildZip, pomProperties } from "./zip-fixture.ts";

interface Jar {
	readonly manifest?: Readonly<Record<string, string>>;
	readonly classes?: readonly string[];
	readonly pom?: readonly (readonly [string, string, string])[];
}

function identify(file: string, { manifest = {}, classes = [], pom = [] }: Jar): string {
	const attributes = Object.entries({ "Manifest-Version": "1.0", ...manifest });
	const bytes = buildZip([
		{
			name: "META-INF/MANIFEST.MF",
			data: `${attributes.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`,
		},
		...classes.map((name) => ({ name: `${name}.class`, data: "" })),
		...pom.map(([group, artifact, version]) => pomProperties(group, artifact, version)),
	]);
	const { packages, warnings } = runCataloger(java, { path: `opt/lib/${file}`, bytes });
	expect(warnings).toEqual([]);
	return packages.map(({ name, version }) => `${name}@${version}`).join(" ");
}

const spring = ["org/springframework/core/A", "org/springframework/util/B", "org/springframework/cglib/C"];
const acme = ["com/acme/shop/A", "com/acme/shop/cart/B"];

test.each<[string, string, Jar, string]>([
	["its own properties", "a-1.jar", { pom: [["g", "a", "1"]], classes: acme }, "g:a@1"],
	[
		"all properties of a shaded jar",
		"a-1.jar",
		{
			pom: [
				["g", "a", "1"],
				["h", "b", "2"],
			],
			classes: acme,
		},
		"g:a@1 h:b@2",
	],
	["its own properties under another name", "service.jar", { pom: [["g", "a", "1"]], classes: acme }, "g:a@1"],
	["its own properties with a classifier", "a-1-linux-x86_64.jar", { pom: [["g", "a", "1"]], classes: acme }, "g:a@1"],
	[
		"the properties that the manifest's title names",
		"renamed-2.jar",
		{
			pom: [
				["g", "a", "1"],
				["h", "b", "2"],
			],
			manifest: { "Implementation-Title": "a" },
			classes: acme,
		},
		"g:a@1 h:b@2",
	],
	[
		"itself beside what was shaded in",
		"shop-1.2.3.jar",
		{ pom: [["h", "b", "2"]], classes: acme },
		"h:b@2 com.acme.shop:shop@1.2.3",
	],
	["a version that the build did not fill in, by the file", "a-1.5.jar", { pom: [["g", "a", "${v}"]] }, "g:a@1.5"],
	[
		"a version that the build did not fill in, by the manifest",
		"x.jar",
		{ pom: [["g", "a", "${v}"]], manifest: { "Implementation-Version": "1.6" } },
		"g:a@1.6",
	],
	["a version that nobody tells", "x.jar", { pom: [["g", "a", "${v}"]] }, "g:a@"],
	["Spring, built by Gradle", "spring-core-5.3.17.jar", { classes: spring }, "org.springframework:spring-core@5.3.17"],
	[
		"Spring, its version in the manifest",
		"spring-core.jar",
		{ classes: spring, manifest: { "Implementation-Version": "4.3.30.RELEASE" } },
		"org.springframework:spring-core@4.3.30.RELEASE",
	],
	["nobody's Spring", "spring-core-1.0.jar", { classes: acme }, "spring-core@1.0"],
	[
		"Tomcat's own names",
		"catalina.jar",
		{ classes: ["org/apache/catalina/A", "org/apache/naming/B"], manifest: { "Implementation-Version": "9.0.60" } },
		"org.apache.tomcat:tomcat-catalina@9.0.60",
	],
	["Groovy before 4", "groovy-2.4.21.jar", { classes: ["org/codehaus/groovy/A"] }, "org.codehaus.groovy:groovy@2.4.21"],
	["Groovy since 4", "groovy-4.0.1.jar", { classes: ["org/codehaus/groovy/A"] }, "org.apache.groovy:groovy@4.0.1"],
	[
		"what is named like its group",
		"commons-beanutils-1.7.0.jar",
		{ classes: ["org/apache/commons/beanutils/A"] },
		"commons-beanutils:commons-beanutils@1.7.0",
	],
	[
		"the vendor that the classes prove",
		"engine-core-2.0.jar",
		{ classes: ["com/acme/engine/A"], manifest: { "Implementation-Vendor-Id": "com.acme.engine" } },
		"com.acme.engine:engine-core@2.0",
	],
	[
		"not the vendor that the classes belie",
		"engine-core-2.0.jar",
		{ classes: ["net/other/A"], manifest: { "Implementation-Vendor-Id": "com.acme.engine" } },
		"engine-core@2.0",
	],
	[
		"not a vendor of many things",
		"thing-1.jar",
		{ classes: ["org/apache/x/A"], manifest: { "Implementation-Vendor-Id": "org.apache" } },
		"thing@1",
	],
	[
		"a bundle's symbolic name",
		"parts-1.0.jar",
		{ classes: ["org/example/parts/A"], manifest: { "Bundle-SymbolicName": "org.example.parts;singleton:=true" } },
		"org.example:parts@1.0",
	],
	["the folder of its classes", "shop-core-1.0.jar", { classes: acme }, "com.acme.shop:shop-core@1.0"],
	["no folder of another word", "core-shop-1.0.jar", { classes: acme }, "core-shop@1.0"],
	["no folder of one word", "shop-1.0.jar", { classes: ["shop/A"] }, "shop@1.0"],
	[
		"classes of a web application",
		"shop-1.war",
		{ classes: acme.map((name) => `WEB-INF/classes/${name}`) },
		"com.acme.shop:shop@1",
	],
	[
		"classes of several Java versions",
		"shop-1.jar",
		{ classes: [...acme, "META-INF/versions/9/com/acme/shop/A", "module-info"] },
		"com.acme.shop:shop@1",
	],
	["a program without a version", "app.jar", { classes: ["Main"] }, "app@"],
	[
		"the manifest's version with more behind it",
		"app.jar",
		{ classes: ["Main"], manifest: { "Implementation-Version": "1.5.0-release-749 (1.5.0)" } },
		"app@1.5.0-release-749",
	],
	[
		"the bundle's version",
		"app.jar",
		{ classes: ["Main"], manifest: { "Implementation-Version": "@VERSION@", "Bundle-Version": "2.1.0" } },
		"app@2.1.0",
	],
	["nothing without classes", "resources-1.0.jar", {}, ""],
	["nothing under a name that is none", "a b!-1.0.jar", { classes: acme }, ""],
])("tells %s (%s)", (_, file, jar, packages) => {
	expect(identify(file, jar)).toBe(packages);
});

test("many folders of classes do not slow it down", () => {
	const classes = Array.from({ length: 20_000 }, (_, i) => `p${i % 999}/q${i % 7}/r${i}/A`);
	expect(identify("big-1.0.jar", { classes })).toBe("big@1.0");
});
