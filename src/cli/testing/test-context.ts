import type { AdvisoryStore, Feed, ScanOptions, SnapshotVerdict, SuppressionFiles } from "#engine";
import { type Finding, type Report, type Severity, summarise } from "#model";
import type {
	CliContext,
	CliEngine,
	ExportCall,
	ImportCall,
	NetworkOptions,
	Output,
	UpdateRequest,
} from "../context.ts";

/** A command line's world for tests: text is kept, the engine answers what it is told, nothing else is reached. */
export interface TestContext {
	readonly context: CliContext;
	readonly stdout: () => string;
	readonly stderr: () => string;
	/** What the engine was asked for, in order. */
	readonly calls: readonly EngineCall[];
}

export type EngineCall =
	| { readonly type: "openTarget"; readonly text: string; readonly network: NetworkOptions }
	| { readonly type: "openAdvisories"; readonly dir: string }
	| { readonly type: "openCache"; readonly dir: string }
	| { readonly type: "suppressions"; readonly files: SuppressionFiles }
	| { readonly type: "scan"; readonly request: ScanOptions }
	| { readonly type: "update"; readonly request: UpdateRequest }
	| { readonly type: "requireRecent"; readonly builtAt: string; readonly mostDays: number | null }
	| { readonly type: "import"; readonly call: ImportCall }
	| { readonly type: "export"; readonly call: ExportCall }
	| { readonly type: "closed"; readonly what: "target" | "advisories" };

export interface TestWorld {
	readonly report?: Report;
	readonly settingsError?: Error;
	readonly isTTY?: boolean;
	readonly engine?: Partial<CliEngine>;
	readonly signal?: AbortSignal;
	readonly stdoutFailure?: Error;
	readonly clock?: () => Date;
	readonly maxDatabaseAge?: number;
	readonly serve?: CliContext["serve"];
}

export function testContext(world: TestWorld = {}): TestContext {
	const out: string[] = [];
	const err: string[] = [];
	const calls: EngineCall[] = [];
	const context: CliContext = {
		stdout: { ...textOutput(out, false), failure: world.stdoutFailure ?? null },
		stderr: textOutput(err, world.isTTY ?? false),
		readSettings: async () => {
			if (world.settingsError) throw world.settingsError;
			return {
				dbDir: "/data/db",
				cacheDir: "/data/cache",
				advisorySource: "https://osv.example",
				feeds: null,
				caFile: null,
				maxDatabaseAge: world.maxDatabaseAge ?? null,
			};
		},
		serve: world.serve ?? (async () => {}),
		loadEngine: async () => ({ ...testEngine(world.report ?? reportOf([]), calls), ...world.engine }),
		version: "0.1.0",
		clock: world.clock ?? (() => new Date("2026-11-23T18:00:00Z")),
		signal: world.signal ?? new AbortController().signal,
	};
	return { context, stdout: () => out.join(""), stderr: () => err.join(""), calls };
}

function textOutput(chunks: string[], isTTY: boolean): Output {
	const write = async (text: string): Promise<void> => {
		chunks.push(text);
	};
	return { write, failure: null, isTTY, columns: isTTY ? 80 : null, colour: false, unicode: true };
}

const updatedFeeds: readonly Feed[] = [
	{
		feed: "osv",
		part: "npm",
		url: "",
		fetchedAt: "2026-11-23T18:00:00Z",
		records: 7,
		withdrawn: 1,
		malformed: 1,
		newest: "",
	},
	{
		feed: "kev",
		part: "kev",
		url: "",
		fetchedAt: "2026-11-20T18:00:00Z",
		records: 1404,
		withdrawn: 0,
		malformed: 0,
		newest: "",
		failure: "Fetching it failed: 503.",
	},
];

function testEngine(report: Report, calls: EngineCall[]): CliEngine {
	const advisories: AdvisoryStore = {
		snapshot: { digest: "sha256:1", builtAt: "2026-11-23T04:00:00Z", sources: [] },
		kind: "full",
		lookup: () => [],
		vulnerability: () => null,
		products: () => [],
		severities: () => [],
		close: () => calls.push({ type: "closed", what: "advisories" }),
	};
	return {
		openTarget: async (text, network) => {
			calls.push({ type: "openTarget", text, network });
			const close = async (): Promise<void> => {
				calls.push({ type: "closed", what: "target" });
			};
			return { kind: "rootfs", name: text, path: "/", close };
		},
		findDatabase: (dir, choice) => {
			const source = choice === "auto" ? "own" : choice;
			return { source, folder: source === "own" ? dir : `${dir}/${source}` };
		},
		requireRecent: (store, mostDays) => {
			if (mostDays !== null) calls.push({ type: "requireRecent", builtAt: store.snapshot.builtAt, mostDays });
		},
		importDatabase: async (call) => {
			calls.push({ type: "import", call });
			call.onProgress({ type: "started", source: "trivy-db" });
			return {
				source: "trivy-db",
				digest: "sha256:2",
				from: "sha256:3",
				builtAt: "2026-11-13T18:00:00Z",
				kind: "full",
				size: 1_500_000,
				records: 7,
				malformed: 1,
				unknown: ["templeos\n5"],
				isSigned: call.keyFile !== null,
				unchanged: false,
			};
		},
		exportDatabase: async (call) => {
			calls.push({ type: "export", call });
			call.onProgress({ type: "packing", done: 1, total: 2 });
			const facts = {
				size: 9_000_000,
				builtAt: "2026-11-23T18:00:00Z",
				schema: 1,
				kind: "full",
				source: "own",
			} as const;
			return { digest: "sha256:4", size: 1_500_000, snapshot: { ...facts, digest: "sha256:2" }, isSigned: false };
		},
		openAdvisories: async (dir) => {
			calls.push({ type: "openAdvisories", dir });
			return advisories;
		},
		openCache: async (dir) => {
			calls.push({ type: "openCache", dir });
			return { get: async () => null, put: async () => undefined };
		},
		readSuppressions: async (files) => {
			if (files.vex.length + files.ignore.length > 0) calls.push({ type: "suppressions", files });
			return { statements: [], problems: [] };
		},
		applySuppressions: (unsuppressed) => unsuppressed,
		scan: async (_target, request, run) => {
			calls.push({ type: "scan", request });
			run.onEvent({ type: "resolved", name: "shop/web", images: 1, layers: 2, bytes: 4_000_000 });
			for (let done = 500_000; done <= 4_000_000; done += 500_000)
				run.onEvent({ type: "bytes", done, total: 4_000_000 });
			run.onEvent({ type: "matching", packages: 143 });
			return report;
		},
		updateAdvisories: async (request) => {
			calls.push({ type: "update", request });
			request.onProgress({ type: "started", parts: ["npm"] });
			request.onProgress({ type: "finishing" });
			return {
				digest: "sha256:2",
				builtAt: "2026-11-23T18:00:00Z",
				kind: "full",
				source: request.source,
				records: 7,
				withdrawn: 1,
				malformed: 1,
				malformedRecords: [{ part: "npm", name: "bad\u001b.json", problem: "not JSON" }],
				size: 1_500_000,
				durationMs: 1500,
				feeds: updatedFeeds,
			};
		},
		advisoriesStatus: () => ({
			digest: "sha256:2",
			path: "/data/db/snapshots/2.sqlite",
			size: 1_500_000,
			schemaVersion: 1,
			kind: "full",
			builtAt: "2026-11-21T18:00:00Z",
			ageMs: 172_800_000,
			source: "https://osv.example",
			ecosystems: [{ ecosystem: "Debian:12", records: 31_204, newest: "2026-11-21T10:00:00Z" }],
			feeds: updatedFeeds,
			totals: { records: 31_204, withdrawn: 0, packages: 1, affected: 1, scored: 1 },
		}),
		verifySnapshot: async (): Promise<SnapshotVerdict> => ({ digest: "sha256:2", actual: "sha256:2", problems: [] }),
		renderTable: (shown, options) => `table of ${count(shown)}, ${options.columns ?? "any"} columns\n`,
		renderDocument: (format, shown) =>
			`${JSON.stringify({ ...(format === "json" ? {} : { format }), listed: count(shown), filter: shown.filter })}\n`,
	};
}

function count(report: Report): number {
	return report.findings.length + (report.manifests ?? []).reduce((sum, child) => sum + count(child), 0);
}

export function findingOf(severity: Severity, fixedVersion: string | null = null): Finding {
	return {
		id: `CVE-2026-${severity.length}`,
		aliases: [],
		severity,
		severitySource: null,
		cvss: [],
		package: { name: "p", version: "1", type: "npm", purl: "pkg:npm/p@1" },
		fixedVersion,
		state: fixedVersion === null ? "affected" : "fixed",
		origin: { layer: { index: 0, digest: "", createdBy: "" }, kind: "unknown", paths: [], parents: [] },
		references: [],
	};
}

export function reportOf(findings: readonly Finding[], over: Partial<Report> = {}): Report {
	return {
		schemaVersion: "1",
		kind: "image",
		createdAt: "2026-11-23T18:00:00Z",
		artifact: { name: "shop/web", digest: "", mediaType: "", platform: "", os: null, layers: [], base: null },
		scanner: { name: "plimsoll", version: "0.1.0" },
		advisories: null,
		status: "complete",
		warnings: [],
		summary: summarise(findings),
		findings,
		packageCount: 143,
		judgedCount: 143,
		...over,
	};
}
