import { type Static, Type } from "typebox";
import { Id, Nullable, Time } from "./basics.ts";

/** `layout`: a folder of OCI layouts on this machine, made by the first start only. */
export const registryKinds = ["distribution", "artifactory", "layout"] as const;
export const RegistryKind = Type.Enum(registryKinds);
export type RegistryKind = Static<typeof RegistryKind>;

/** Hosted registries that speak the distribution API with ways of their own: who logs in how, and what can be listed. */
export const registryPresets = ["generic", "docker-hub", "ghcr", "quay", "ecr", "acr", "gar"] as const;
export const RegistryPreset = Type.Enum(registryPresets);
export type RegistryPreset = Static<typeof RegistryPreset>;

export const healthStates = ["unknown", "healthy", "unreachable", "unauthorized", "failing"] as const;
export const HealthState = Type.Enum(healthStates);
export type HealthState = Static<typeof HealthState>;

/** What an administrator gives. Secrets go in and never come out. */
export const RegistryCredentials = Type.Union([
	Type.Object({
		kind: Type.Literal("password"),
		username: Type.String({ minLength: 1, maxLength: 512 }),
		password: Type.String({ minLength: 1, maxLength: 16_384 }),
	}),
	Type.Object({ kind: Type.Literal("token"), token: Type.String({ minLength: 1, maxLength: 16_384 }) }),
	Type.Object({
		kind: Type.Literal("aws"),
		accessKeyId: Type.String({ minLength: 1, maxLength: 128 }),
		secretAccessKey: Type.String({ minLength: 1, maxLength: 256 }),
		region: Type.String({ pattern: "^[a-z0-9-]{1,32}$" }),
	}),
]);
export type RegistryCredentials = Static<typeof RegistryCredentials>;

const fields = {
	name: Type.String({ minLength: 1, maxLength: 100, pattern: "^[^\\u0000-\\u001f]+$" }),
	url: Type.String({
		minLength: 1,
		maxLength: 1000,
		description: "https://registry.example[:port]; the path, if any, stands before /v2/",
	}),
	preset: RegistryPreset,
	repositories: Nullable(
		Type.Array(Type.String({ minLength: 1, maxLength: 255 }), {
			maxItems: 10_000,
			description: "Names of repositories where the catalog is closed; null: ask the catalog",
		}),
	),
	insecure: Type.Boolean({ description: "Allow plain HTTP and certificates that cannot be checked" }),
	caCertificate: Nullable(
		Type.String({ maxLength: 65_536, description: "PEM certificates to trust besides the system's" }),
	),
	scanOnPush: Type.Boolean(),
	maxConcurrentScans: Type.Integer({ minimum: 1, maximum: 64 }),
	maxBytesPerSecond: Nullable(Type.Integer({ minimum: 10_000, maximum: 1e12, description: "null: no limit" })),
	syncIntervalSeconds: Type.Integer({ minimum: 30, maximum: 604_800 }),
};

export const RegistryInput = Type.Object({
	kind: Type.Union([Type.Literal("distribution"), Type.Literal("artifactory")]),
	name: fields.name,
	url: fields.url,
	preset: Type.Optional(fields.preset),
	repositories: Type.Optional(fields.repositories),
	insecure: Type.Optional(fields.insecure),
	caCertificate: Type.Optional(fields.caCertificate),
	credentials: Type.Optional(Nullable(RegistryCredentials)),
	scanOnPush: Type.Optional(fields.scanOnPush),
	maxConcurrentScans: Type.Optional(fields.maxConcurrentScans),
	maxBytesPerSecond: Type.Optional(fields.maxBytesPerSecond),
	syncIntervalSeconds: Type.Optional(fields.syncIntervalSeconds),
});
export type RegistryInput = Static<typeof RegistryInput>;

/** What is left out stays as it is; `credentials: null` forgets them. The kind never changes. */
export const RegistryPatch = Type.Partial(Type.Omit(RegistryInput, ["kind"]));
export type RegistryPatch = Static<typeof RegistryPatch>;

export const RegistryHealth = Type.Object({
	state: HealthState,
	reason: Nullable(Type.String({ description: "Why, and what to do; null when healthy" })),
	since: Nullable(Time),
	checkedAt: Nullable(Time),
});
export type RegistryHealth = Static<typeof RegistryHealth>;

export const RegistrySync = Type.Object({
	state: Type.Union([Type.Literal("idle"), Type.Literal("running"), Type.Literal("failed")]),
	startedAt: Nullable(Time),
	finishedAt: Nullable(Time),
	repositoriesDone: Type.Integer(),
	repositoriesTotal: Nullable(Type.Integer()),
	error: Nullable(Type.String()),
});
export type RegistrySync = Static<typeof RegistrySync>;

export const Registry = Type.Object({
	id: Id,
	kind: RegistryKind,
	mode: Type.Union([Type.Literal("native"), Type.Literal("managed")]),
	...fields,
	credentials: Nullable(
		Type.Object(
			{ kind: Type.String(), username: Nullable(Type.String()) },
			{ description: "What is kept, without secrets" },
		),
	),
	hasWebhookToken: Type.Boolean(),
	health: RegistryHealth,
	sync: RegistrySync,
	counts: Type.Object({ spaces: Type.Integer(), repositories: Type.Integer(), artifacts: Type.Integer() }),
	createdAt: Time,
	updatedAt: Time,
});
export type Registry = Static<typeof Registry>;

/** The answer to a connection test. */
export const ConnectionCheck = Type.Object({
	ok: Type.Boolean(),
	state: HealthState,
	reason: Nullable(Type.String()),
	hint: Nullable(Type.String()),
	catalog: Type.Union([Type.Literal("open"), Type.Literal("closed"), Type.Literal("unknown")], {
		description: "Whether the registry lists its repositories to us",
	}),
	version: Nullable(Type.String({ description: "What the registry says it is" })),
	milliseconds: Type.Integer(),
});
export type ConnectionCheck = Static<typeof ConnectionCheck>;
