/** Catalogers that look into executables, and the one that looks at names alone. */
import { buildElf, buildOldProgram, inlineBlob } from "../../../src/engine/catalogers/go-binary/elf-builder.ts";
import { goBinary } from "../../../src/engine/catalogers/go-binary/index.ts";
import { runtime } from "../../../src/engine/catalogers/runtime/index.ts";
import {
	buildMachO,
	buildPe,
	buildElf as buildSections,
	crateSection,
	type TestSection,
} from "../../../src/engine/catalogers/rust/executable-fixture.ts";
import { rust } from "../../../src/engine/catalogers/rust/index.ts";
import { unread } from "../../../src/engine/catalogers/unread/index.ts";
import { testdataOf, texts } from "../inputs.ts";
import type { FuzzTarget } from "../target.ts";
import { catalogerTarget } from "./cataloger.ts";

const modules =
	'path\texample.com/a\nmod\texample.com/a\tv1.0.0\t\ndep\tgolang.org/x/net\tv0.1.0\th1:x=\n=>\texample.com/fork\tv0.2.0\th1:y=\nbuild\t-ldflags="-X main.version=1.2.3"\nbuild\tvcs.revision=abc\n';

function goPrograms(): readonly Uint8Array[] {
	const text = Buffer.alloc(200, 0x90);
	return [
		...testdataOf("catalogers/go-binary"),
		buildElf(text, inlineBlob("go1.21.3", modules)).bytes,
		buildElf(text, inlineBlob("go1.22.0 X:boringcrypto", modules), 32, false).bytes,
		buildOldProgram("go1.17.13", modules).bytes,
		buildOldProgram("go1.16", modules, 32, false).bytes,
		Buffer.concat([Buffer.from("MZ"), Buffer.alloc(14), inlineBlob("go1.21.3", modules)]),
		Buffer.concat([Buffer.from("cffaedfe", "hex"), Buffer.alloc(12), inlineBlob("go1.21.3", modules)]),
		inlineBlob("go1.20", ""),
	];
}

const crates = {
	packages: [
		{ name: "shop", version: "0.1.0", source: "local", root: true, dependencies: [1, 2] },
		{ name: "serde", version: "1.0.200", source: "crates.io" },
		{ name: "cc", version: "1.0.9", source: "crates.io", kind: "build" },
	],
};
const packedList: TestSection = { name: ".dep-v0", data: crateSection(crates) };
const storedList: TestSection = { name: ".dep-v0", data: crateSection(crates, 0) };
const code: TestSection = { name: ".text", data: Buffer.alloc(600, "x\u0001x\u009cx\u00da", "latin1") };

function rustPrograms(): readonly Uint8Array[] {
	return [
		...testdataOf("catalogers/rust"),
		buildSections([code, packedList]),
		// Its JSON stands there as it is, so that it can be changed.
		buildSections([storedList, code]),
		buildPe(packedList),
		buildPe(storedList),
		buildMachO(storedList),
		buildMachO(packedList, false),
	];
}

const elf = "\u007fELF\u0002\u0001\u0001\0";
const versionTexts = [
	"\0@(#)Bash version 5.2.15(1) release GNU\0",
	"\0BusyBox v1.36.1 (2023-06-02 00:42:02 UTC)\0",
	"\0nginx/1.25.3\0node v18.19.0\0OpenSSL 3.0.11 19 Sep 2023\0",
	"\0PostgreSQL 15.4\0Apache/2.4.57\0Python 3.11.2\0ruby 3.1.2p20\0PHP/8.2.7\0",
];

export const executableCatalogers: readonly FuzzTarget[] = [
	catalogerTarget({
		name: "catalogers/go-binary",
		cataloger: goBinary,
		paths: ["usr/bin/a"],
		mode: 0o755,
		seeds: goPrograms,
		words: [
			"\u00ff Go buildinf:",
			"\u007fELF",
			"MZ",
			"PE\0\0",
			"go1.21.3",
			"dep\t",
			"mod\t",
			"=>\t",
			"build\t-ldflags=",
		],
	}),
	catalogerTarget({
		name: "catalogers/rust",
		cataloger: rust,
		paths: ["usr/bin/a"],
		mode: 0o755,
		seeds: rustPrograms,
		words: [
			".dep-v0",
			".shstrtab",
			"__DATA",
			"__LINKEDIT",
			"PE\0\0",
			"x\u009c",
			"x\u0001",
			'"packages":[',
			'"name":"',
			'"version":"',
			'"kind":"build"',
		],
	}),
	catalogerTarget({
		name: "catalogers/runtime",
		cataloger: runtime,
		paths: [
			"bash",
			"busybox",
			"nginx",
			"node",
			"libcrypto.so.3",
			"postgres",
			"apache2",
			"python3.11",
			"ruby",
			"php",
			"redis-server",
			"mysqld",
		].map((name) => `usr/bin/${name}`),
		mode: 0o755,
		seeds: () => [
			...testdataOf("catalogers/runtime"),
			...versionTexts.map((text) => Uint8Array.from(Buffer.from(elf + text, "latin1"))),
		],
		words: [elf, "\0", "nginx/", "Python ", "5.7.44", "-MariaDB", "redis-", "v=7.2.4 sha=00000000:0 malloc=jemalloc"],
	}),
	catalogerTarget({
		name: "catalogers/runtime:texts",
		cataloger: runtime,
		paths: ["opt/java/release", "usr/lib/erlang/releases/26/OTP_VERSION", "usr/local/go/VERSION"],
		seeds: () =>
			texts('IMPLEMENTOR="Eclipse"\nJAVA_VERSION="17.0.9"\nMODULES="java.base"\n', "26.2.1\n", "go1.21.3\ntime 2023\n"),
		words: ["JAVA_VERSION=", '"', "1.8.0_392", "\n", "go1.", "-rc1", "**"],
	}),
	catalogerTarget({
		name: "catalogers/unread",
		cataloger: unread,
		paths: ["usr/local/Cellar/a/1.0/INSTALL_RECEIPT.json"],
		seeds: () => testdataOf("catalogers/unread"),
	}),
];
