/** rpm's database in its three forms, and what else its cataloger reads. */
import {
	buildBerkeleyDb,
	buildNdb,
	buildSqlite,
	type Headers,
	numbered,
} from "../../../src/engine/catalogers/rpm/database-fixtures.ts";
import { buildHeader, fileTags, packageTags } from "../../../src/engine/catalogers/rpm/header-fixture.ts";
import { rpm } from "../../../src/engine/catalogers/rpm/index.ts";
import { testdataOf, texts } from "../inputs.ts";
import type { FuzzTarget } from "../target.ts";
import { catalogerTarget } from "./cataloger.ts";

function headers(): Headers {
	const files = Array.from({ length: 60 }, (_, at) => `/usr/share/doc/pkg/file-${at}`);
	return numbered([
		buildHeader(packageTags("bash", { epoch: { int32: [1] }, ...fileTags(["/usr/bin/bash", "/etc/skel/.bashrc"]) })),
		buildHeader(packageTags("nodejs", { modularityLabel: "nodejs:18:80:a", ...fileTags(files) })),
		buildHeader(packageTags("old"), {}, true),
	]);
}

/** Several pages, so that there are overflow pages and inner ones. */
function many(): Headers {
	return numbered(
		Array.from({ length: 40 }, (_, at) => buildHeader(packageTags(`package-${at}`, fileTags([`/usr/lib/${at}`])))),
	);
}

const startOf = (bytes: Uint8Array, text: string) => Buffer.from(bytes.subarray(0, 16)).includes(text);

export const rpmTargets: readonly FuzzTarget[] = [
	catalogerTarget({
		name: "catalogers/rpm:sqlite",
		cataloger: rpm,
		paths: ["var/lib/rpm/rpmdb.sqlite"],
		seeds: () => [
			...testdataOf("catalogers/rpm").filter((bytes) => startOf(bytes, "SQLite")),
			buildSqlite(headers(), 512),
			buildSqlite(headers(), 4096),
			buildSqlite(many(), 1024),
		],
		words: ["SQLite format 3\0", "Packages", "CREATE TABLE", "\u000d\0\0", "\u0005\0\0", "\0\0\0\u003f\0\0\0\u0007"],
	}),
	catalogerTarget({
		name: "catalogers/rpm:ndb",
		cataloger: rpm,
		paths: ["usr/lib/sysimage/rpm/Packages.db"],
		seeds: () => [
			...testdataOf("catalogers/rpm").filter((bytes) => startOf(bytes, "RpmP")),
			buildNdb(headers()),
			buildNdb(many()),
		],
		words: ["RpmP", "Slot", "BlbS", "BlbE"],
	}),
	catalogerTarget({
		name: "catalogers/rpm:berkeley",
		cataloger: rpm,
		paths: ["var/lib/rpm/Packages"],
		seeds: () => [
			buildBerkeleyDb(headers(), 512),
			buildBerkeleyDb(headers(), 4096, false),
			buildBerkeleyDb(many(), 1024),
		],
		words: ["\u0061\u0015\u0006\0", "\0\u0006\u0015\u0061", "\u0003", "\u0007", "\u000d"],
	}),
	catalogerTarget({
		name: "catalogers/rpm:manifest",
		cataloger: rpm,
		paths: ["var/lib/rpmmanifest/container-manifest-2"],
		seeds: () =>
			texts(
				"mariner-release\t2.0-12.cm2\t1653816591\t1653753130\tMicrosoft Corporation\t(none)\t580\tnoarch\t0\tmariner-release-2.0-12.cm2.src.rpm\nglibc\t2.35-2.cm2\t1\t1\tMicrosoft Corporation\t(none)\t1\tx86_64\t1\tglibc-2.35-2.cm2.src.rpm\n",
			),
		words: ["\t", "\n", "(none)", ".src.rpm", "noarch", "-1."],
	}),
	catalogerTarget({
		name: "catalogers/rpm:journal",
		cataloger: rpm,
		paths: ["var/lib/rpm/rpmdb.sqlite-wal", "var/lib/rpm/rpmdb.sqlite-journal"],
		seeds: () => [
			Buffer.concat([Buffer.from("377f0682002de21800001000", "hex"), Buffer.alloc(60)]),
			Buffer.concat([Buffer.from("d9d505f920a163d7", "hex"), Buffer.alloc(60)]),
		],
	}),
];
