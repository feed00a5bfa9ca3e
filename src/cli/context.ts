import type { AdvisoryStore, LayerCache, ScanEvent } from "#engine";
import type { AdvisorySource, Platform, Report, Severity } from "#model";

/** Where text goes. Never throws and never rejects: a reader that went away (`| head`) ends the output quietly. */
export interface Output {
	/** Resolves when the text is handed over. */
	write(text: string): Promise<void>;
	readonly isTTY: boolean;
	/** Null when it is no terminal. */
	readonly columns: number | null;
	readonly colour: boolean;
	/** Whether characters outside ASCII are shown. */
	readonly unicode: boolean;
}

/** Defaults that come from the environment or a configuration file; flags win over them. */
export interface CliSettings {
	readonly dbDir: string;
	readonly cacheDir: string;
	/** A folder or URL laid out like the OSV bucket. */
	readonly advisorySource: string;
	/** PEM file with further certificate authorities. */
	readonly caFile: string | null;
}

/** Everything that the commands reach: they touch no global of the process themselves. */
export interface CliContext {
	readonly stdout: Output;
	readonly stderr: Output;
	readonly settings: CliSettings;
	/** Loads the engine: half of the start-up time, so only commands that need it ask. */
	readonly loadEngine: () => Promise<CliEngine>;
	readonly version: string;
	readonly clock: () => Date;
	/** Aborted by Ctrl-C. */
	readonly signal: AbortSignal;
}

export interface NetworkOptions {
	/** Plain HTTP and certificates that cannot be verified are accepted, for the target's registry only. */
	readonly insecure: boolean;
	readonly caFile: string | null;
}

/** A target that was recognised; what it is, only the engine knows. */
export interface OpenedTarget {
	readonly name: string;
	close(): Promise<void>;
}

export interface ScanRequest {
	readonly platform: "all" | Platform;
	readonly osOwned: "drop" | "keep";
	readonly listPackages: boolean;
}

export interface ScanRun {
	readonly advisories: AdvisoryStore;
	readonly cache: LayerCache | null;
	readonly clock: () => Date;
	readonly signal: AbortSignal;
	readonly onEvent: (event: ScanEvent) => void;
	readonly version: string;
}

/** Set when a report no longer lists all its findings; `hidden` of them are not listed. */
export interface ListFilter {
	readonly severities: readonly Severity[] | null;
	readonly fixableOnly: boolean;
	readonly hidden: number;
}

export interface UpdateRequest {
	readonly source: string;
	readonly dir: string;
	/** OSV's names without releases; null: all that the scanner knows. */
	readonly ecosystems: readonly string[] | null;
	readonly caFile: string | null;
	readonly signal: AbortSignal;
	readonly onProgress: (event: UpdateEvent) => void;
}

/** What happens during an update; bytes of one feed's archive, records of one feed. */
export type UpdateEvent =
	| { readonly type: "started"; readonly ecosystems: readonly string[] }
	| { readonly type: "download"; readonly ecosystem: string; readonly done: number; readonly total: number | null }
	| { readonly type: "downloaded"; readonly ecosystem: string; readonly bytes: number; readonly kept: boolean }
	| { readonly type: "retry"; readonly ecosystem: string; readonly reason: string; readonly delayMs: number }
	| { readonly type: "records"; readonly ecosystem: string; readonly done: number; readonly total: number }
	| { readonly type: "finishing" };

export interface UpdateOutcome {
	readonly digest: string;
	readonly records: number;
	readonly withdrawn: number;
	readonly malformed: number;
	readonly malformedRecords: readonly { readonly ecosystem: string; readonly name: string; readonly problem: string }[];
	/** Bytes. */
	readonly size: number;
	readonly durationMs: number;
	readonly feeds: readonly { readonly ecosystem: string; readonly records: number }[];
}

export interface DatabaseStatus {
	readonly digest: string;
	readonly path: string;
	/** Bytes. */
	readonly size: number;
	readonly kind: "full" | "starter";
	/** RFC 3339. */
	readonly builtAt: string;
	readonly ageMs: number;
	readonly source: string;
	readonly ecosystems: readonly AdvisorySource[];
}

/** What the commands need of the engine; the composition root binds network, ecosystems and the like. */
export interface CliEngine {
	openTarget(text: string, network: NetworkOptions): Promise<OpenedTarget>;
	openAdvisories(dir: string): Promise<AdvisoryStore>;
	openCache(dir: string): Promise<LayerCache | null>;
	scan(target: OpenedTarget, request: ScanRequest, run: ScanRun): Promise<Report>;
	updateAdvisories(request: UpdateRequest): Promise<UpdateOutcome>;
	advisoriesStatus(dir: string, clock: () => Date): Promise<DatabaseStatus> | DatabaseStatus;
	renderTable(report: Report, options: TableRequest): string;
	renderJson(report: Report, options: { readonly filter?: ListFilter | undefined }): string;
}

export interface TableRequest {
	readonly columns?: number | undefined;
	readonly colour: boolean;
	readonly unicode: boolean;
	readonly filter?: ListFilter | undefined;
}
