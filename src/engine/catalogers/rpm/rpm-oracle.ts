/** Real packages and databases, made by the real rpm and by Berkeley DB itself; and what rpm reads in a database. */
import { Buffer } from "node:buffer";
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Headers } from "./database-fixtures.ts";

/** Debian's packages that the oracles need: `rpm` and `perl`. */
export const programsPresent =
	spawnSync("rpmbuild", ["--version"]).status === 0 && spawnSync("perl", ["-MDB_File", "-e1"]).status === 0;

/** Three packages and a key: epoch, module label, translated summary, files of several folders, documentation. */
const spec = `
Name: alpha
Version: 1.2.3~rc1^git5
Release: 4.el9
Epoch: 2
Summary: An alpha
Summary(de): Ein Älpha
Summary(zh_CN): 阿尔法
License: MIT
Vendor: AlmaLinux
ModularityLabel: nodejs:18:9010020221009220316:rhel9
%description
Alpha.
%description -l de
Älpha.
%package -n beta-tools
Summary: A beta
Version: 9
Epoch: 0
BuildArch: noarch
%description -n beta-tools
Beta.
%package -n gpg-pubkey
Summary: Not a package
BuildArch: noarch
%description -n gpg-pubkey
A key.
%package -n gamma
Summary: A gamma with many files
BuildArch: noarch
%description -n gamma
Gamma.
%install
mkdir -p %{buildroot}/usr/lib/python3/site-packages/a.dist-info %{buildroot}/etc %{buildroot}/usr/share/gamma
echo > %{buildroot}/usr/lib/python3/site-packages/a.dist-info/METADATA
echo > %{buildroot}/etc/a.conf
echo > %{buildroot}/usr/share/gamma/README
for i in $(seq 1 400); do echo > "%{buildroot}/usr/share/gamma/file number $i ä"; done
%files
%config /etc/a.conf
/usr/lib/python3
%files -n beta-tools
%files -n gpg-pubkey
%files -n gamma
/usr/share/gamma/file*
%doc /usr/share/gamma/README
`;

/**
 * Builds the packages in `folder` and puts them into a new database there. `gamma` is installed indeed, its files moved
 * to `folder` and its documentation left out: rpm then writes folders and states anew, behind the package's own.
 */
export function makeDatabase(folder: string): { readonly dbpath: string; readonly headers: Headers } {
	const file = join(folder, "alpha.spec");
	writeFileSync(file, spec);
	const defines = ["--define", `_topdir ${folder}`, "--define", "_build_id_links none"];
	run("rpmbuild", ["-bb", "--quiet", "--target", "x86_64", ...defines, file]);
	const built = readdirSync(join(folder, "RPMS"), { recursive: true, encoding: "utf8" });
	const packages = built.filter((name) => name.endsWith(".rpm")).map((name) => join(folder, "RPMS", name));
	const dbpath = join(folder, "db");
	const options = ["--dbpath", dbpath, "-i", "--nodeps", "--ignorearch", "--ignoreos", "--nosignature"];
	const moved = packages.filter((name) => name.includes("gamma"));
	run("rpm", [...options, "--justdb", ...packages.filter((name) => !moved.includes(name))]);
	run("rpm", [...options, "--excludedocs", "--badreloc", "--relocate", `/usr/share=${folder}/share`, ...moved]);
	return { dbpath, headers: headersOf(join(dbpath, "rpmdb.sqlite")) };
}

/** Headers of a database in SQLite's form, read by SQLite. */
export function headersOf(file: string): Headers {
	const database = new DatabaseSync(file, { readOnly: true });
	const rows = database.prepare("SELECT hnum, blob FROM Packages ORDER BY hnum").all();
	database.close();
	return new Map(rows.map(({ hnum, blob }) => [Number(hnum), blob as Uint8Array]));
}

const WRITE_BERKELEY_DB = `
use DB_File; use Fcntl;
my ($file, $order, $size) = @ARGV;
my $info = DB_File::HASHINFO->new; $info->{lorder} = $order; $info->{bsize} = $size;
my $word = $order == 4321 ? "N" : "V";
tie my %db, "DB_File", $file, O_RDWR | O_CREAT, 0644, $info or die "$file: $!";
binmode STDIN; local $/ = undef; my $in = <STDIN>; my $at = 0; my @gone;
while ($at < length $in) {
	my ($key, $length) = unpack "VV", substr $in, $at, 8;
	$db{pack $word, $key} = substr $in, $at + 8, $length;
	$db{pack $word, $key + 1000000} = substr $in, $at + 8, $length;
	push @gone, pack $word, $key + 1000000;
	$at += 8 + $length;
}
delete $db{$_} for @gone;
$db{pack $word, 0} = pack $word, 2000000;
untie %db;
`;

/** Lets Berkeley DB write a hash of headers, as rpm did up to 4.16; as many again are put in and deleted. */
export function writeBerkeleyDb(file: string, headers: Headers, pageSize: number, littleEndian: boolean): void {
	const input = [...headers].flatMap(([number, header]) => {
		const start = Buffer.alloc(8);
		start.writeUInt32LE(number, 0);
		start.writeUInt32LE(header.length, 4);
		return [start, header];
	});
	const order = littleEndian ? "1234" : "4321";
	run("perl", ["-e", WRITE_BERKELEY_DB, file, order, String(pageSize)], Buffer.concat(input));
}

/** What rpm says of a package: `name version arch source-file module-label`; versions without an epoch of 0. */
const packageFormat =
	"P\\t%{NAME} %|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE} %{ARCH} %{SOURCERPM} %{MODULARITYLABEL}\\n";
const fileFormat = "[F\\t%{=NAME}\\t%{FILESTATES}\\t%{FILENAMES}\\n]";

export interface RpmAnswer {
	readonly packages: readonly string[];
	/** `owner path` of every file that was installed. */
	readonly files: readonly string[];
}

/** What the real rpm reads in a database, keys left out. */
export function askRpm(dbpath: string, backend: "sqlite" | "bdb_ro"): RpmAnswer {
	const query = ["-qa", "--nosignature", "--qf", packageFormat + fileFormat];
	const { stdout } = run("rpm", ["--define", `_db_backend ${backend}`, "--dbpath", dbpath, ...query]);
	const lines = stdout.split("\n").map((line) => line.split("\t"));
	const packages = lines.filter(([kind, text]) => kind === "P" && !text?.startsWith("gpg-pubkey "));
	const files = lines.filter(([kind, owner, state]) => kind === "F" && state === "0" && owner !== "gpg-pubkey");
	return {
		packages: packages.map(([, text = ""]) => text.replace(" 0:", " ")).sort(),
		files: files.map(([, owner, , path]) => `${owner} ${path}`).sort(),
	};
}

function run(program: string, options: readonly string[], input?: Buffer): SpawnSyncReturns<string> {
	const answer = spawnSync(program, options, { encoding: "utf8", maxBuffer: 2 ** 28, ...(input ? { input } : {}) });
	if (answer.status !== 0) throw new Error(`${program} exits with ${answer.status}: ${answer.stderr}`);
	return answer;
}
