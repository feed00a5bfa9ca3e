import { type ClassFolders, hasClassesIn } from "./class-folders.ts";

/**
 * Jars that their makers publish without `pom.properties` (built by Gradle, Ant, sbt), or ship under another name, and
 * that advisories speak of. Each row is a file name's artifact, the folder that its classes must lie in, and the Maven
 * coordinates that Maven Central has for it (`$&` stands for the file's artifact); the version chooses where a project
 * changed its group.
 */
interface KnownJar {
	readonly artifact: RegExp;
	readonly folder: string;
	readonly group: string;
	/** Where it is another than the file's. */
	readonly as?: string;
	readonly version?: RegExp;
}

function row(artifact: string, folder: string, group: string, more: Pick<KnownJar, "as" | "version"> = {}): KnownJar {
	return { artifact: new RegExp(`^(?:${artifact})$`), folder, group, ...more };
}

const springParts =
	"aop|aspects|beans|context|context-indexer|context-support|core|expression|instrument|jcl|jdbc|jms|messaging|orm|oxm|r2dbc|struts|test|tx|web|webflux|webmvc|webmvc-portlet|websocket";
const oldCommons =
	"beanutils|cli|codec|collections|configuration|dbcp|digester|discovery|el|fileupload|httpclient|io|jxpath|lang|logging|net|pool|validator";

const knownJars: readonly KnownJar[] = [
	row(`spring-(?:${springParts})`, "org/springframework", "org.springframework"),
	row("spring-boot(?:-.+)?", "org/springframework/boot", "org.springframework.boot"),
	row("spring-security-.+", "org/springframework/security", "org.springframework.security"),
	row("spring-kafka(?:-.+)?", "org/springframework/kafka", "org.springframework.kafka"),
	row("spring-(?:amqp|rabbit)", "org/springframework/amqp", "org.springframework.amqp"),
	row("spring-integration-.+", "org/springframework/integration", "org.springframework.integration"),
	row("spring-session-.+", "org/springframework/session", "org.springframework.session"),
	row("spring-batch-.+", "org/springframework/batch", "org.springframework.batch"),
	row("spring-graphql", "org/springframework/graphql", "org.springframework.graphql"),
	row("spring-ldap-core", "org/springframework/ldap", "org.springframework.ldap"),
	row("spring-webflow", "org/springframework/webflow", "org.springframework.webflow"),
	row("reactor-core", "reactor/core", "io.projectreactor"),
	row("reactor-netty(?:-.+)?", "reactor/netty", "io.projectreactor.netty"),
	row("micrometer-.+", "io/micrometer", "io.micrometer"),
	row("micronaut-.+", "io/micronaut", "io.micronaut"),
	row("ktor-.+", "io/ktor", "io.ktor"),
	row("grpc-.+", "io/grpc", "io.grpc"),
	row("protobuf-java(?:lite|-util)?", "com/google/protobuf", "com.google.protobuf"),

	row("tomcat-embed-.+", "org/apache", "org.apache.tomcat.embed"),
	row("tomcat-(?:api|coyote|dbcp|jdbc|jni|juli|util|util-scan|websocket)", "org/apache", "org.apache.tomcat"),
	row("catalina", "org/apache/catalina", "org.apache.tomcat", { as: "tomcat-catalina" }),
	row("catalina-(?:ant|ha)", "org/apache/catalina", "org.apache.tomcat", { as: "tomcat-$&" }),
	row("catalina-storeconfig", "org/apache/catalina", "org.apache.tomcat", { as: "tomcat-storeconfig" }),
	row("catalina-tribes", "org/apache/catalina", "org.apache.tomcat", { as: "tomcat-tribes" }),
	row("jasper(?:-el)?", "org/apache", "org.apache.tomcat", { as: "tomcat-$&" }),

	row("kotlin-.+", "kotlin", "org.jetbrains.kotlin"),
	row("kotlinx-.+", "kotlinx", "org.jetbrains.kotlinx"),
	row("okhttp(?:-.+)?", "okhttp3", "com.squareup.okhttp3"),
	row("okhttp(?:-.+)?", "com/squareup/okhttp", "com.squareup.okhttp"),
	row("okio(?:-jvm)?", "okio", "com.squareup.okio"),
	row("retrofit", "retrofit2", "com.squareup.retrofit2"),
	row("groovy(?:-.+)?", "org/codehaus/groovy", "org.codehaus.groovy", { version: /^[1-3]\./ }),
	row("groovy(?:-.+)?", "org/codehaus/groovy", "org.apache.groovy", { version: /^[4-9]\./ }),
	row("scala-(?:compiler|library|reflect)", "scala", "org.scala-lang"),
	row("akka-.+", "akka", "com.typesafe.akka"),
	row("clojure", "clojure", "org.clojure"),
	row("jruby(?:-.+)?", "org/jruby", "org.jruby"),
	row("jython(?:-standalone)?", "org/python", "org.python"),
	row("rhino", "org/mozilla", "org.mozilla"),
	row("bsh", "bsh", "org.beanshell"),

	row("mysql-connector-java", "com/mysql", "mysql"),
	row("mysql-connector-j", "com/mysql", "com.mysql"),
	row("mssql-jdbc", "com/microsoft/sqlserver", "com.microsoft.sqlserver"),
	row("redshift-jdbc42", "com/amazon/redshift", "com.amazon.redshift"),
	row("h2", "org/h2", "com.h2database"),
	row("hsqldb", "org/hsqldb", "hsqldb", { version: /^1\./ }),
	row("hsqldb", "org/hsqldb", "org.hsqldb", { version: /^[2-9]\./ }),
	row("derby(?:client|net|shared|tools)?", "org/apache/derby", "org.apache.derby"),
	row("hibernate-core", "org/hibernate", "org.hibernate", { version: /^[3-5]\./ }),
	row("hibernate-core", "org/hibernate", "org.hibernate.orm", { version: /^[6-9]\./ }),
	row("c3p0", "com/mchange", "com.mchange"),
	row("cassandra-all|apache-cassandra", "org/apache/cassandra", "org.apache.cassandra", { as: "cassandra-all" }),
	row("elasticsearch(?:-.+)?", "org/elasticsearch", "org.elasticsearch"),
	row("opensearch(?:-.+)?", "org/opensearch", "org.opensearch"),
	row("lucene-.+", "org/apache/lucene", "org.apache.lucene"),
	row("solr-.+", "org/apache/solr", "org.apache.solr"),
	row("kafka-.+", "org/apache/kafka", "org.apache.kafka"),
	row("kafka_2\\.\\d+", "kafka", "org.apache.kafka"),
	row("connect-.+", "org/apache/kafka", "org.apache.kafka"),
	row("hadoop-.+", "org/apache/hadoop", "org.apache.hadoop"),
	row("hive-.+", "org/apache/hive", "org.apache.hive"),
	row("hbase-.+", "org/apache/hadoop/hbase", "org.apache.hbase"),
	row("spark-.+_2\\.\\d+", "org/apache/spark", "org.apache.spark"),
	row("flink-.+", "org/apache/flink", "org.apache.flink"),
	row("zookeeper", "org/apache/zookeeper", "org.apache.zookeeper"),
	row("libthrift", "org/apache/thrift", "org.apache.thrift"),

	row("bc(?:fips|mail|pg|pkix|prov|tls|util|jmail)(?:-.+)?", "org/bouncycastle", "org.bouncycastle"),
	row("java-jwt|jwks-rsa", "com/auth0", "com.auth0"),
	row("jsch", "com/jcraft", "com.jcraft"),
	row("jna(?:-platform)?", "com/sun/jna", "net.java.dev.jna"),
	row("jgroups", "org/jgroups", "org.jgroups"),
	row("quartz(?:-.+)?", "org/quartz", "org.quartz-scheduler"),

	row("xercesImpl", "org/apache/xerces", "xerces"),
	row("xalan", "org/apache/xalan", "xalan"),
	row("serializer", "org/apache/xml", "xalan"),
	row("dom4j", "org/dom4j", "dom4j", { version: /^1\./ }),
	row("dom4j", "org/dom4j", "org.dom4j", { version: /^[2-9]\./ }),
	row("jdom", "org/jdom", "org.jdom"),
	row("jdom2", "org/jdom2", "org.jdom"),
	row("asm(?:-.+)?", "org/objectweb/asm", "asm", { version: /^[1-3]\./ }),
	row("asm(?:-.+)?", "org/objectweb/asm", "org.ow2.asm", { version: /^(?:[4-9]|\d\d)(?:\.|$)/ }),
	row("batik-.+|fop|xmlgraphics-commons", "org/apache", "org.apache.xmlgraphics"),
	row("poi(?:-.+)?", "org/apache/poi", "org.apache.poi"),
	row("xmlbeans", "org/apache/xmlbeans", "org.apache.xmlbeans"),
	row(`commons-(?:${oldCommons})`, "org/apache/commons", "$&"),
	row("jackson-(?:core|mapper)-asl", "org/codehaus/jackson", "org.codehaus.jackson"),
	row("struts", "org/apache/struts", "struts"),
	row("velocity", "org/apache/velocity", "org.apache.velocity"),
	row("axis", "org/apache/axis", "org.apache.axis"),
	row("log4j", "org/apache/log4j", "log4j"),
	row("oro", "org/apache/oro", "oro"),
	row("ognl", "ognl", "ognl"),
	row("ant(?:-.+)?", "org/apache/tools", "org.apache.ant"),
	row("ivy", "org/apache/ivy", "org.apache.ivy"),
	row("junit", "junit", "junit"),
	row("testng", "org/testng", "org.testng"),
];

/** Group and artifact of a jar that is known by its name and classes; null for all others. */
export function knownJar(
	artifact: string,
	version: string,
	folders: ClassFolders,
): { readonly group: string; readonly artifact: string } | null {
	for (const known of knownJars) {
		if (!known.artifact.test(artifact) || known.version?.test(version) === false) continue;
		if (hasClassesIn(known.folder, folders))
			return {
				group: known.group.replace("$&", artifact),
				artifact: (known.as ?? "$&").replace("$&", artifact),
			};
	}
	return null;
}
