import type {
	AdvisoriesStatus,
	AdvisoryStore,
	applySuppressions,
	ExportRequest,
	ExportResult,
	findDatabase,
	ImportRequest,
	ImportResult,
	LayerCache,
	readSuppressions,
	renderDocument,
	renderTable,
	requireRecent,
	ScanTarget,
	SnapshotVerdict,
	scan,
	UpdateProgress,
	UpdateResult,
	UpdateRequest as UpdateSource,
} from "#engine";

/** Where text goes. Never throws and never rejects: a reader that went away (`| head`) ends the output quietly. */
export interface Output {
	/** Resolves when the text is handed over. */
	write(text: string): Promise<void>;
	/** Why text could not be written, a full disk for one; null for a reader that went away. */
	readonly failure: Error | null;
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
	/** Feeds besides OSV: `id` or `id=SOURCE`; null: what fits the source. */
	readonly feeds: readonly string[] | null;
	/** PEM file with further certificate authorities. */
	readonly caFile: string | null;
	/** Days that the advisory database may be old for a scan; null: any age. */
	readonly maxDatabaseAge: number | null;
}

/** Everything that the commands reach: they touch no global of the process themselves. */
export interface CliContext {
	readonly stdout: Output;
	readonly stderr: Output;
	/** Reads the environment and the configuration file; only commands that need settings ask. Rejects with a CliError. */
	readonly readSettings: () => Promise<CliSettings>;
	/** Runs the service until the signal says stop; then it ends what it began. Rejects with what keeps it from starting. */
	readonly serve: (request: ServeRequest) => Promise<void>;
	/** Loads the engine: half of the start-up time, so only commands that need it ask. */
	readonly loadEngine: () => Promise<CliEngine>;
	readonly version: string;
	readonly clock: () => Date;
	/** Aborted by Ctrl-C. */
	readonly signal: AbortSignal;
}

export type ServeRole = "all" | "api" | "worker" | "scheduler";

export interface ServeRequest {
	readonly roles: readonly ServeRole[];
	/** `host:port`; null: what the environment says, else the default. */
	readonly listen: string | null;
	readonly data: string | null;
}

export interface NetworkOptions {
	/** Plain HTTP and certificates that cannot be verified are accepted, for the target's registry only. */
	readonly insecure: boolean;
	readonly caFile: string | null;
}

export interface UpdateRequest extends Pick<UpdateSource, "source" | "dir"> {
	/** OSV's names without releases; null: all that the scanner knows. */
	readonly ecosystems: readonly string[] | null;
	/** Feeds besides OSV, as they are written; null: what fits the source. */
	readonly feeds: readonly string[] | null;
	readonly caFile: string | null;
	readonly signal: AbortSignal;
	readonly onProgress: (event: UpdateProgress) => void;
}

export interface ImportCall extends Omit<ImportRequest, "registry" | "signal"> {
	readonly network: NetworkOptions;
}

export interface ExportCall extends Omit<ExportRequest, "registry" | "signal"> {
	readonly network: NetworkOptions;
}

/** What the commands need of the engine; the composition root binds network, credentials and the like. */
export interface CliEngine {
	openTarget(text: string, network: NetworkOptions): Promise<ScanTarget>;
	readonly findDatabase: typeof findDatabase;
	openAdvisories(dir: string): Promise<AdvisoryStore>;
	readonly requireRecent: typeof requireRecent;
	importDatabase(call: ImportCall): Promise<ImportResult>;
	exportDatabase(call: ExportCall): Promise<ExportResult>;
	openCache(dir: string): Promise<LayerCache | null>;
	readonly readSuppressions: typeof readSuppressions;
	readonly scan: typeof scan;
	readonly applySuppressions: typeof applySuppressions;
	updateAdvisories(request: UpdateRequest): Promise<UpdateResult>;
	advisoriesStatus(dir: string, clock: () => Date): AdvisoriesStatus;
	verifySnapshot(dir: string): Promise<SnapshotVerdict>;
	readonly renderTable: typeof renderTable;
	readonly renderDocument: typeof renderDocument;
}
