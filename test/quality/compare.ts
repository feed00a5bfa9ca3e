/** What two scanners say of one image, held against each other. Pure. */
import type { Finding, PackageType, Report, ReportPackage, Severity } from "#model";

export interface PackageClaim {
	readonly type: PackageType;
	readonly name: string;
	readonly version: string;
}

/** A finding of the other scanner; `fixed` as it prints it: a version, a list, or constraints. */
export interface Claim extends PackageClaim {
	readonly id: string;
	readonly fixed: string;
	/** Where it is known. */
	readonly severity?: Severity;
}

export interface Claims {
	readonly packages: readonly PackageClaim[];
	readonly findings: readonly Claim[];
}

export type DifferenceKind =
	| "package missing"
	| "package extra"
	| "finding missing"
	| "finding extra"
	| "fixed version"
	| "severity";

/** One point in which they differ: missing is what only the other has, extra what only Plimsoll has. */
export interface Difference extends PackageClaim {
	readonly kind: DifferenceKind;
	/** The vulnerability; empty for a package. */
	readonly id: string;
	readonly ours: Finding | null;
	/** All claims of the other that mean the same. */
	readonly theirs: readonly Claim[];
	/** The package as Plimsoll lists it. */
	readonly listed: ReportPackage | null;
}

export interface CompareOptions {
	/** `all`: the two read other advisories, so that any name of a vulnerability will do. `first`: they read the same. */
	readonly identifiers: "first" | "all";
}

/** Language packages that an OS package brought are listed but not judged, and the other leaves them out. */
export function compare(report: Report, other: Claims, options: CompareOptions): readonly Difference[] {
	const listed = new Map((report.packages ?? []).map((pkg) => [packageKey(pkg), pkg]));
	const judged = (report.packages ?? []).filter(({ ownedBy }) => ownedBy === undefined);
	const found = [...comparePackages(judged, other.packages), ...compareFindings(report, other, options)];
	return found.map((difference) => ({ ...difference, listed: listed.get(packageKey(difference)) ?? null }));
}

type Found = Omit<Difference, "listed">;

function comparePackages(ours: readonly PackageClaim[], theirs: readonly PackageClaim[]): readonly Found[] {
	const only = (kind: DifferenceKind, from: readonly PackageClaim[], than: readonly PackageClaim[]) => {
		const known = new Set(than.map(packageKey));
		const own = new Map(from.map((pkg) => [packageKey(pkg), pkg]));
		return [...own].flatMap(([key, pkg]) => (known.has(key) ? [] : [differenceIn(kind, pkg, { id: "" })]));
	};
	return [...only("package missing", theirs, ours), ...only("package extra", ours, theirs)];
}

function compareFindings(report: Report, other: Claims, { identifiers }: CompareOptions): readonly Found[] {
	const claims = Map.groupBy(other.findings, claimKey);
	const met = new Set<string>();
	const differences: Found[] = [];
	for (const ours of report.findings) {
		const keys = namesOf(ours, identifiers).map((id) => claimKey({ ...ours.package, id }));
		const theirs = keys.flatMap((key) => claims.get(key) ?? []);
		for (const key of keys) met.add(key);
		const told = { id: ours.id, ours, theirs };
		if (theirs.length === 0) {
			differences.push(differenceIn("finding extra", ours.package, told));
			continue;
		}
		if (!theirs.some(({ fixed }) => isFixIn(ours.fixedVersion, fixed)))
			differences.push(differenceIn("fixed version", ours.package, told));
		if (theirs.some(({ severity }) => severity !== undefined && severity !== ours.severity))
			differences.push(differenceIn("severity", ours.package, told));
	}
	for (const [key, theirs] of claims) {
		const [first] = theirs;
		if (first && !met.has(key))
			differences.push(differenceIn("finding missing", first, { id: first.id, ours: null, theirs }));
	}
	return differences;
}

/** The names of a finding; the pack's `x_` marks identifiers that OSV has not registered. */
export function namesOf(finding: Finding, identifiers: CompareOptions["identifiers"]): readonly string[] {
	const names = identifiers === "first" ? [finding.id] : [finding.id, ...finding.aliases];
	return names.map((id) => id.replace(/^x_/, ""));
}

function differenceIn(
	kind: DifferenceKind,
	{ type, name, version }: PackageClaim,
	{ id, ours = null, theirs = [] }: { id: string; ours?: Finding | null; theirs?: readonly Claim[] },
): Found {
	return { kind, type, name, version, id, ours, theirs };
}

export function packageKey({ type, name, version }: PackageClaim): string {
	return `${type} ${name} ${version}`;
}

export function claimKey(claim: PackageClaim & { readonly id: string }): string {
	return `${packageKey(claim)} ${claim.id}`;
}

/** The other prints a version, a list of versions, or a list of constraints: any of their versions will do. */
export function isFixIn(fixed: string | null, printed: string): boolean {
	const versions = printed
		.split(/[\s,|]+/)
		.map((word) => word.replace(/^[<>=^~v]+/, ""))
		.filter(Boolean);
	return fixed === null ? versions.length === 0 : versions.includes(fixed.replace(/^v/, ""));
}
