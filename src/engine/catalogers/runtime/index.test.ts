import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runtimeProducts } from "#model";
import { runCataloger, testdata, utf8 } from "../testing.ts";
import { runtime } from "./index.ts";
import { programs } from "./programs.ts";
import { versionFiles } from "./texts.ts";

const elf = "\x7fELF\x02\x01\x01\0";

function bytesOf(text: string): Uint8Array {
	return Uint8Array.from(Buffer.from(text, "latin1"));
}

/** What is found in a program that holds a text: `nginx 1.25.3`, empty for nothing. */
function found(path: string, text: string, chunk?: number): string {
	const bytes = bytesOf(text);
	if (!runtime.wants({ path, size: bytes.length, mode: 0o755 })) return "";
	const { packages, warnings } = runCataloger(runtime, { path, bytes, ...(chunk ? { chunk } : {}) });
	expect(warnings).toEqual([]);
	for (const pkg of packages) expect(pkg).toMatchObject({ type: "generic", path });
	return packages.map((pkg) => `${pkg.name} ${pkg.version}`).join();
}

describe("programs tell their versions", () => {
	it.each([
		["usr/local/bin/bash", "\0@(#)Bash version 5.2.15(1) release GNU\0", "bash 5.2.15"],
		["bin/busybox", "\0BusyBox v1.36.1 (2023-06-02 00:42:02 UTC)\0", "busybox 1.36.1"],
		["usr/bin/curl", "\0curl 8.4.0 (x86_64-pc-linux-musl) %s\n\0", "curl 8.4.0"],
		["usr/lib/libcurl.so.4.8.0", "\0libcurl/8.4.0\0", "curl 8.4.0"],
		["site-packages/pycurl.libs/libcurl-8aaf1d8b.so.4.8.0", "\0libcurl/8.4.0\0", "curl 8.4.0"],
		["usr/local/sbin/haproxy", "\0 version 2.8.3-86e043a, released 2023/09/07\0", "haproxy 2.8.3"],
		["usr/local/sbin/haproxy", "\0 version 2.9-dev5, released 2023/09/07\0", "haproxy 2.9-dev5"],
		["usr/local/apache2/bin/httpd", "\0Apache/2.4.57 (Unix)\0", "httpd 2.4.57"],
		["opt/mariadb/bin/mariadbd", "\x0010.6.15-MariaDB\0", "mariadb 10.6.15"],
		["opt/mariadb/bin/mysqld", "-log\x0011.1.2-MariaDB-ubu2204\0", "mariadb 11.1.2"],
		["opt/mysql/bin/mysqld", "\0/build/mysql-8.0.34/sql/log.cc\0", "mysql 8.0.34"],
		["opt/mysql/bin/mysqld", "\0/build/mysql-8.0.4-rc/sql/log.cc\0", "mysql 8.0.4"],
		["usr/bin/memcached", "\0memcached 1.6.21\0", "memcached 1.6.21"],
		["usr/sbin/nginx", "\0nginx version: nginx/1.25.3\0", "nginx 1.25.3"],
		["usr/local/openresty/nginx/sbin/nginx", "\0nginx version: openresty/1.21.4.1\n", "nginx 1.21.4"],
		["usr/local/bin/node", "\0node.js/v20.1.0\0", "node 20.1.0"],
		["usr/lib/libnode.so.108", "node.js/v18.12.1H", "node 18.12.1"],
		["usr/lib/libcrypto.so.1.1", "\0OpenSSL 1.1.1w  11 Sep 2023\0", "openssl 1.1.1w"],
		["usr/lib/libcrypto.so.3", "\0OpenSSL 3.1.4 24 Oct 2023\0", "openssl 3.1.4"],
		["lib64/libcrypto.so.1.0.2k", "\0OpenSSL 1.0.2k-fips  26 Jan 2017\0", "openssl 1.0.2k"],
		["usr/local/bin/openssl", "\0OpenSSL 3.2.0-alpha2 28 Sep 2023\0", "openssl 3.2.0-alpha2"],
		["usr/local/bin/perl", "PERL_INTERNAL_RAND_SEED\0v5.38.0\0panic\0", "perl 5.38.0"],
		["usr/local/lib/perl5/5.38.0/x86_64-linux-gnu/CORE/libperl.so", "\0v5.38.0\0", "perl 5.38.0"],
		["usr/local/bin/php", "\0X-Powered-By: PHP/8.2.11\0", "php 8.2.11"],
		["usr/local/sbin/php-fpm", "\0X-Powered-By: PHP/8.3.0RC3\0", "php 8.3.0RC3"],
		["usr/lib/apache2/modules/libphp7.so", "\0X-Powered-By: PHP/7.4.33\0", "php 7.4.33"],
		["usr/local/bin/postgres", "\0postgres (PostgreSQL) 16.0\n", "postgresql 16.0"],
		["usr/local/bin/postgres", "\0postgres (PostgreSQL) 17beta1 (Debian)\n", "postgresql 17beta1"],
		["usr/local/lib/libpython3.11.so.1.0", "\x003.8.1\x003.11.4\0", "python 3.11.4"],
		["usr/local/lib/libpython3.7m.so.1.0", "\x003.7.16+\0", "python 3.7.16"],
		["usr/local/bin/python3.13", "/opt/python/3.13.0\0", "python 3.13.0"],
		["usr/local/bin/python3.14", "\x003.14.0rc2\0", "python 3.14.0rc2"],
		["usr/local/bin/python3.1", "\x0013.1.5\x003.11.4\x003.1.5\0", "python 3.1.5"],
		["usr/local/lib/libruby.so.3.2.2", "\0ruby 3.2.2 (2023-03-30 revision e51014f9c0) [x86_64-linux]\0", "ruby 3.2.2"],
		["usr/local/bin/ruby", "ruby 2.7.8p225 (2023-03-30 revision 1f4d455848)", "ruby 2.7.8"],
		["opt/rust/bin/rustc", "\0rustc version 1.95.0 (59807616e 2026-04-14)\0", "rust 1.95.0"],
		["opt/rust/bin/rustc", "\x001.97.0-nightly (59807616e 2026-04-14)\0", "rust 1.97.0-nightly"],
		["usr/local/bin/redis-server", "\x007.2.1\x007.2.4\x007.2.43f2b1c4d5e6f-1700000000000000000\0", "redis 7.2.4"],
		["usr/local/bin/redis-server", "\x006.2.14\x006.2.1\x006.2.14912196-d8565-1701469167040305114\0", "redis 6.2.14"],
		["usr/local/bin/redis-server", "A7.0.151790282056000000000\0\x007.0.15\0", "redis 7.0.15"],
		["usr/local/bin/valkey-server", "\x007.2.4\x008.0.1\x008.0.1buildkitsandbox-1728000000000000000\0", "valkey 8.0.1"],
	])("%s: %j is %s", (path, text, expected) => {
		for (const chunk of [1, 7, 64, 4096])
			expect(found(path, `${elf}${"\0".repeat(100)}${text}more`, chunk)).toBe(expected);
	});

	it.each(["nginx", "redis-server", "valkey-server", "postgres", "haproxy", "memcached", "mysqld"])(
		"or are listed without one: %s",
		(name) => {
			expect(found(`usr/bin/${name}`, `${elf}packed`)).toMatch(/^[a-z]+ $/);
		},
	);

	it.each(["node", "python3.11", "bash", "perl", "curl", "libssl.so.3", "ruby", "httpd"])(
		"or are not listed, where others have the name or a library has the text: %s",
		(name) => {
			expect(found(`usr/bin/${name}`, `${elf}nothing here`)).toBe("");
		},
	);

	it.each([
		["a script", "usr/bin/nginx", "#!/bin/sh\necho nginx version: nginx/1.25.3\n"],
		["a text", "usr/share/doc/python3.11", "Python 3.11.4"],
		["cut off at once", "usr/bin/nginx", "\x7fEL"],
	])("%s is none", (_, path, text) => {
		expect(found(path, text)).toBe("");
	});

	it.each([
		"usr/bin/nginx.conf",
		"app/node.js",
		"usr/bin/python3",
		"usr/lib/libcurl.so",
		"app/release.txt",
		"usr/bin/phpunit",
		"opt/bitnami/node/bin/node",
	])("%s is not read", (path) => {
		expect(runtime.wants({ path, size: 9, mode: 0o755 })).toBe(false);
	});

	it("every name is one that the advisories are translated for", () => {
		const names = new Set(runtimeProducts.map((product) => product.name));
		for (const { product } of [...programs, ...versionFiles]) expect(names).toContain(product);
	});
});

describe("fixtures", () => {
	const path = "usr/sbin/nginx";
	const read = (name: string) => runCataloger(runtime, { path, bytes: testdata(import.meta.url, name), chunk: 16 });

	it("good: a version", () => {
		expect(read("good")).toEqual({
			packages: [{ type: "generic", name: "nginx", version: "1.25.3", path }],
			warnings: [],
		});
	});

	it("truncated and hostile: no version is better than a wrong one", () => {
		for (const name of ["truncated", "hostile"])
			expect(read(name).packages).toMatchObject([{ name: "nginx", version: "" }]);
	});

	it("empty: nothing", () => {
		expect(runtime.wants({ path, size: 0, mode: 0o755 })).toBe(false);
		expect(read("empty").packages).toEqual([]);
	});
});

describe("text files", () => {
	it.each([
		[
			"opt/java/openjdk/release",
			'IMPLEMENTOR="Eclipse Adoptium"\nJAVA_VERSION="17.0.9"\nMODULES="java.base"\n',
			"openjdk 17.0.9",
		],
		["usr/lib/jvm/x/release", 'JAVA_VERSION="1.8.0_392"\n', "openjdk 8.0.392"],
		["usr/lib/jvm/x/release", 'JAVA_VERSION="1.8.0"\r\n', "openjdk 8.0.0"],
		["usr/lib/jvm/x/release", 'JAVA_VERSION="22-ea"\n', "openjdk 22"],
		["usr/lib/jvm/x/release", 'JAVA_VERSION="17.0.21.1"\n', "openjdk 17.0.21.1"],
		["app/release", "1.2.3\n", ""],
		["app/release", 'JAVA_VERSION=""\n', ""],
		["usr/local/lib/erlang/releases/26/OTP_VERSION", "26.1.2\n", "erlang 26.1.2"],
		["usr/local/lib/erlang/releases/26/OTP_VERSION", "26.1.2.1**\n", "erlang 26.1.2.1"],
		["usr/local/lib/erlang/releases/26/OTP_VERSION", "hello\n", ""],
		["usr/local/go/VERSION", "go1.21.3\ntime 2023-10-09T17:04:35Z\n", "go 1.21.3"],
		["usr/lib/go-1.19/VERSION", "go1.19", "go 1.19"],
		["go/pkg/mod/golang.org/toolchain@v0.0.1-go1.22rc1.linux-amd64/VERSION", "go1.22rc1\n", "go 1.22rc1"],
		["usr/local/go/VERSION", "devel +abcdef\n", ""],
		["app/VERSION", "go1.21.3\n", ""],
	])("%s: %j is %j", (path, text, expected) => {
		for (const chunk of [1, 1000]) expect(found(path, text, chunk)).toBe(expected);
	});

	it("are read no further than they are long", () => {
		const { packages } = runCataloger(runtime, {
			path: "x/release",
			bytes: utf8(`${"x".repeat(70_000)}\nJAVA_VERSION="17"`),
		});
		expect(packages).toEqual([]);
	});
});

it("takes time by the megabyte, whatever the bytes", () => {
	const noise = [
		"\0",
		"1.",
		"\x001.1.1",
		"nginx version: nginx/",
		"OpenSSL 1.1.1  ",
		"1.1.1-",
		"9".repeat(60),
		" version 2.8.3-",
	];
	for (const name of [
		"nginx",
		"openssl",
		"redis-server",
		"libpython3.11.so.1.0",
		"haproxy",
		"mysqld",
		"rustc",
		"postgres",
	]) {
		const start = performance.now();
		for (const text of noise) found(`bin/${name}`, elf + text.repeat(1_000_000 / text.length), 65_536);
		expect(performance.now() - start).toBeLessThan(10_000);
	}
});

it("never throws, and gives versions that are plain", () => {
	const names = fc.constantFrom("nginx", "openssl", "redis-server", "python3.11", "release", "node", "curl", "php");
	const text = fc.array(
		fc.oneof(
			fc.string({ unit: "binary", maxLength: 8 }),
			fc.constantFrom("nginx version: nginx/", "1.", "2", "\0", "OpenSSL ", 'JAVA_VERSION="', "X-Powered-By: PHP/"),
		),
		{ maxLength: 20 },
	);
	fc.assert(
		fc.property(names, text, (name, parts) => {
			expect(found(`a/${name}`, elf + parts.join(""))).toMatch(/^(?:[a-z]+ [\w.-]*)?$/);
		}),
	);
});

/** Real programs, and what each says of itself when it is asked. */
interface Real {
	readonly file: string;
	readonly ask: readonly string[];
}

function real(file: string, ...ask: string[]): Real {
	return { file, ask };
}

/** Debian's, of any release; the newest that is there. */
function firstOf(folder: string, pattern: RegExp, ...ask: string[]): Real {
	const names = existsSync(folder) ? readdirSync(folder).filter((name) => pattern.test(name)) : [];
	return real(`${folder}/${names.sort().at(-1) ?? pattern.source}`, ...ask);
}

const libraries = readdirSync("/usr/lib").find((name) => name.endsWith("-linux-gnu")) ?? "none";
const postgres = existsSync("/usr/lib/postgresql") ? (readdirSync("/usr/lib/postgresql").sort().at(-1) ?? "") : "";
const jvm = existsSync("/usr/lib/jvm")
	? (readdirSync("/usr/lib/jvm").find((name) => name.startsWith("java-")) ?? "")
	: "";

const reals: readonly Real[] = [
	real(process.execPath, process.execPath, "--version"),
	real("/bin/bash", "bash", "--version"),
	real("/bin/busybox", "busybox"),
	real("/usr/bin/curl", "curl", "--version"),
	real("/usr/bin/openssl", "openssl", "version"),
	real("/usr/bin/perl", "perl", "-v"),
	real("/usr/bin/memcached", "memcached", "--version"),
	real("/usr/bin/redis-check-rdb", "redis-cli", "--version"),
	real("/usr/sbin/apache2", "/usr/sbin/apache2", "-v"),
	real("/usr/sbin/haproxy", "/usr/sbin/haproxy", "-v"),
	real("/usr/sbin/mariadbd", "/usr/sbin/mariadbd", "--version"),
	real("/usr/sbin/nginx", "/usr/sbin/nginx", "-v"),
	real(`/usr/lib/postgresql/${postgres}/bin/postgres`, `/usr/lib/postgresql/${postgres}/bin/postgres`, "--version"),
	real(`/usr/lib/jvm/${jvm}/release`, `/usr/lib/jvm/${jvm}/bin/java`, "-version"),
	firstOf("/usr/bin", /^php\d\.\d$/, "--version"),
	firstOf("/usr/bin", /^python3\.\d+$/, "--version"),
	firstOf(`/usr/lib/${libraries}`, /^libcrypto\.so\.\d$/, "openssl", "version"),
	firstOf(`/usr/lib/${libraries}`, /^libcurl\.so\.4\.\d+\.\d+$/, "curl", "--version"),
	firstOf(`/usr/lib/${libraries}`, /^libruby-\d\.\d\.so\.\d\.\d\.\d+$/, "ruby", "--version"),
];

describe("real programs", () => {
	for (const { file, ask } of reals) {
		const present = existsSync(file);
		it.skipIf(!present)(
			`${file} is found with the version that it gives itself${present ? "" : " (skipped: not installed)"}`,
			() => {
				const [command = "", ...args] = ask[0]?.startsWith("-") ? [file, ...ask] : ask;
				const { stdout, stderr } = spawnSync(command, args, { encoding: "utf8", env: { ...process.env, LC_ALL: "C" } });
				const bytes = new Uint8Array(readFileSync(file));
				const { packages } = runCataloger(runtime, { path: file.slice(1), bytes, chunk: 65_536 });
				expect(packages).toHaveLength(1);
				expect(packages[0]?.version).not.toBe("");
				expect(`${stdout}${stderr}`).toContain(packages[0]?.version);
			},
		);
	}
});
