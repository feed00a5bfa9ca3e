/** A program that no package manager may know (package type `generic`), and its names elsewhere. */
export interface RuntimeProduct {
	/** The package's name, as the product is known. */
	readonly name: string;
	/** `vendor:product` of the CPEs that NVD uses for it, newest vendor first; escapes as in CPE 2.3. */
	readonly cpes: readonly string[];
	/** Its name in OSV's ecosystem Bitnami, where it has one. */
	readonly bitnami?: string;
	/** What others call it in purls of type `generic`, namespace included. */
	readonly aliases?: readonly string[];
}

/** Programs that are told by their own version texts, or that SBOMs of others name so. */
export const runtimeProducts: readonly RuntimeProduct[] = [
	{ name: "bash", cpes: ["gnu:bash"] },
	{ name: "busybox", cpes: ["busybox:busybox"] },
	{ name: "curl", cpes: ["haxx:curl", "haxx:libcurl"], aliases: ["libcurl"] },
	{ name: "erlang", cpes: ["erlang:erlang\\/otp", "erlang:otp"], bitnami: "erlang", aliases: ["otp"] },
	{ name: "go", cpes: ["golang:go"], bitnami: "golang", aliases: ["golang"] },
	{ name: "haproxy", cpes: ["haproxy:haproxy"], bitnami: "haproxy" },
	{ name: "httpd", cpes: ["apache:http_server"], bitnami: "apache", aliases: ["apache", "apache2"] },
	{ name: "mariadb", cpes: ["mariadb:mariadb"], bitnami: "mariadb" },
	{ name: "memcached", cpes: ["memcached:memcached"], bitnami: "memcached" },
	{ name: "mongodb", cpes: ["mongodb:mongodb"], bitnami: "mongodb", aliases: ["mongod"] },
	{ name: "mysql", cpes: ["oracle:mysql_server", "oracle:mysql", "mysql:mysql"], bitnami: "mysql" },
	{
		name: "nginx",
		cpes: ["f5:nginx_open_source", "f5:nginx", "nginx:nginx", "igor_sysoev:nginx"],
		bitnami: "nginx",
	},
	{ name: "node", cpes: ["nodejs:node.js", "nodejs:nodejs"], bitnami: "node", aliases: ["nodejs", "node.js"] },
	{
		name: "openjdk",
		cpes: ["oracle:openjdk", "oracle:jdk", "oracle:jre"],
		bitnami: "java",
		aliases: ["java", "jdk", "jre", "oracle/openjdk", "oracle/jdk", "oracle/jre"],
	},
	{ name: "openssl", cpes: ["openssl:openssl"], aliases: ["libssl", "libcrypto"] },
	{ name: "perl", cpes: ["perl:perl"] },
	{ name: "php", cpes: ["php:php"], bitnami: "php", aliases: ["php-cli", "php-fpm", "libphp"] },
	{ name: "postgresql", cpes: ["postgresql:postgresql"], bitnami: "postgresql", aliases: ["postgres"] },
	{ name: "python", cpes: ["python:python", "python_software_foundation:python"], bitnami: "python" },
	{
		name: "redis",
		cpes: ["redis:redis", "redislabs:redis", "pivotal_software:redis"],
		bitnami: "redis",
		aliases: ["redis-server"],
	},
	{ name: "ruby", cpes: ["ruby-lang:ruby"], bitnami: "ruby" },
	{ name: "rust", cpes: ["rust-lang:rust"], aliases: ["rustc"] },
	{ name: "valkey", cpes: ["lfprojects:valkey"], bitnami: "valkey", aliases: ["valkey-server"] },
];

const names: ReadonlyMap<string, string> = new Map(
	runtimeProducts.flatMap(({ name, aliases = [] }) => [name, ...aliases].map((known) => [known, name] as const)),
);

/** The name of a product that others may call otherwise; names that are not known stay as they are. */
export function runtimeName(name: string): string {
	return names.get(name.toLowerCase()) ?? name;
}
