import { expect, test } from "vitest";
import { parseFileName } from "./file-name.ts";

test.each([
	["guava-30.1-jre", "guava", "30.1-jre"],
	["spring-core-5.3.17", "spring-core", "5.3.17"],
	["netty-handler-4.1.70.Final", "netty-handler", "4.1.70.Final"],
	["jetty-server-9.4.40.v20210413", "jetty-server", "9.4.40.v20210413"],
	["log4j-1.2.17", "log4j", "1.2.17"],
	["log4j-1.2-api-2.14.1", "log4j-1.2-api", "2.14.1"],
	["servlet-api-2.5-6.1.14", "servlet-api-2.5", "6.1.14"],
	["kafka_2.13-2.8.0", "kafka_2.13", "2.8.0"],
	["bcprov-jdk15on-1.69", "bcprov-jdk15on", "1.69"],
	["jsr305-3.0.2", "jsr305", "3.0.2"],
	["javax.inject-1", "javax.inject", "1"],
	["xml-apis-1.0.b2", "xml-apis", "1.0.b2"],
	["maven-assembly-plugin-2.2-beta-5", "maven-assembly-plugin", "2.2-beta-5"],
	["plexus-container-1.0-alpha-9-stable-1", "plexus-container", "1.0-alpha-9-stable-1"],
	["foo-1.2.3-SNAPSHOT", "foo", "1.2.3-SNAPSHOT"],
	["foo-1.0-20240101.010101-1", "foo", "1.0-20240101.010101-1"],
	["commons-codec-1.10.redhat-00001", "commons-codec", "1.10.redhat-00001"],
	["netty-transport-native-epoll-4.1.70.Final-linux-x86_64", "netty-transport-native-epoll", "4.1.70.Final"],
	["app-1.0-jar-with-dependencies", "app", "1.0"],
	["hive-exec-2.3.9-core", "hive-exec", "2.3.9"],
	["sdk-1.2.3-bundle", "sdk", "1.2.3"],
	["foo-1.5.0-custom", "foo", "1.5.0"],
	["org.eclipse.osgi_3.16.0.v20200828-0759", "org.eclipse.osgi", "3.16.0.v20200828-0759"],
	["app", "app", ""],
	["spring-core", "spring-core", ""],
	["-1.0", "-1.0", ""],
	["1.0", "1.0", ""],
	["a".repeat(300), "a".repeat(300), ""],
])("%s is %s, %s", (stem, artifact, version) => {
	expect(parseFileName(`a-9/b/${stem}.jar`)).toEqual({ artifact, version });
});

test("absurd names are answered in time", () => {
	for (const piece of ["-1", "-1-rc", "1.", "-m-1", "_1.1.1", "-1.1-"]) {
		expect(parseFileName(`${piece.repeat(256 / piece.length)}.jar`).artifact).toBeTypeOf("string");
	}
});
