/** Every list against a naive evaluation of the same query in memory. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ArtifactQuery, type PageOf, type PageQuery, type RepositoryQuery, scanStates } from "#contract";
import { type CatalogStore, type Sight, seesAll } from "#server";
import { type TestDatabase, testDatabase } from "../testing/postgres.ts";
import { listArtifacts } from "./artifacts.ts";
import { catalogStore } from "./catalog.ts";
import {
	addSome,
	type KnownArtifact,
	type KnownCatalog,
	type KnownRepository,
	makeCatalog,
	picks,
} from "./catalog-fixture.ts";

let database: TestDatabase;
let store: CatalogStore;
let known: KnownCatalog;
beforeAll(async () => {
	database = await testDatabase();
	store = catalogStore(database.db);
	known = await makeCatalog(database.db, 4, 70);
});
afterAll(() => database.close());

const runs = { numRuns: 150 };
const stateOrder = ["scanning", "queued", "failed", "stopped", "not_scanned", "not_supported", "complete"];
const severities = ["critical", "high", "medium", "low"] as const;

type Keys<T> = Readonly<Record<string, (item: T) => readonly (number | string | bigint)[]>>;

const worst = ({ counts }: { readonly counts: readonly number[] | null }): readonly number[] =>
	counts ?? [-1, -1, -1, -1];

const artifactKeys: Keys<KnownArtifact> = {
	severity: worst,
	repository: ({ repository }) => [repository.name],
	pushedAt: ({ pushedAt }) => [pushedAt ?? -1],
	scannedAt: ({ scannedAt }) => [scannedAt ?? -1],
	state: ({ state }) => [stateOrder.indexOf(state)],
	size: ({ size }) => [size ?? -1],
};
const repositoryKeys: Keys<KnownRepository> = {
	name: ({ name }) => [name],
	pushedAt: ({ pushedAt }) => [pushedAt ?? -1],
	severity: (repository) => worst(newestOf(repository) ?? { counts: null }),
};

function sorted<T extends { readonly id: string }>(items: readonly T[], keys: Keys<T>, sort: string): readonly T[] {
	const descending = sort.startsWith("-");
	const key = keys[descending ? sort.slice(1) : sort];
	const compare = (a: T, b: T): number => {
		const [left, right] = [
			[...(key?.(a) ?? []), BigInt(a.id)],
			[...(key?.(b) ?? []), BigInt(b.id)],
		];
		const at = left.findIndex((value, index) => value !== right[index]);
		return at < 0 ? 0 : (left[at] ?? 0) < (right[at] ?? 0) ? -1 : 1;
	};
	return items.toSorted((a, b) => (descending ? compare(b, a) : compare(a, b)));
}

function newestOf(repository: KnownRepository): KnownArtifact | undefined {
	const own = known.artifacts.filter((it) => it.top && it.repository.id === repository.id);
	return sorted(own, artifactKeys, "-pushedAt")[0];
}

function includes(text: string, part: string): boolean {
	return text.toLowerCase().includes(part.toLowerCase());
}

function isIn({ registry, space }: KnownRepository, query: ArtifactQuery | RepositoryQuery, sight: Sight): boolean {
	const bound = known.spaces.slice(0, 2).map(({ id }) => id);
	return (
		(sight.all || sight.spaces.has(space)) &&
		(query.registry === undefined || query.registry === registry) &&
		(query.space === undefined || query.space === space) &&
		(query.workspace === undefined || (query.workspace === known.workspace && bound.includes(space)))
	);
}

function matches(artifact: KnownArtifact, query: ArtifactQuery, sight: Sight): boolean {
	const { q, severity, vulnerability, tag } = query;
	const findings = artifact.counts;
	const own = [...artifact.packages];
	return (
		isIn(artifact.repository, query, sight) &&
		(query.children === true || artifact.top) &&
		(query.repository === undefined || query.repository === artifact.repository.id) &&
		(query.state === undefined || query.state === artifact.state) &&
		(severity === undefined ||
			(severity === null
				? findings !== null && findings.every((count) => count === 0)
				: (findings?.[severities.indexOf(severity as "low")] ?? 0) > 0)) &&
		(query.digest === undefined || query.digest === artifact.digest) &&
		(tag === undefined || artifact.tags.includes(tag)) &&
		(q === undefined || includes(artifact.repository.name, q) || artifact.tags.some((name) => includes(name, q))) &&
		(query.package === undefined || own.includes(query.package)) &&
		(vulnerability === undefined ||
			own.some((name) =>
				known.affected.get(name)?.some((key) => vulnerability === key || vulnerability === `GHSA-${key}`),
			))
	);
}

async function walk<T extends { readonly id: string }>(
	list: (query: PageQuery) => Promise<PageOf<T>>,
	limit: number,
	between: () => Promise<void> = async () => {},
): Promise<readonly string[]> {
	const ids: string[] = [];
	for (let cursor: string | undefined; ; ) {
		const { items, next } = await list({ limit, ...(cursor === undefined ? {} : { cursor }) });
		ids.push(...items.map(({ id }) => id));
		expect(items.length).toBeLessThanOrEqual(limit);
		if (next === null) return ids;
		expect(items).toHaveLength(limit);
		cursor = next;
		await between();
	}
}

const oneOf = <T>(items: () => readonly T[], at: number): T | undefined => items()[at % Math.max(1, items().length)];
const number = fc.nat(1000);
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined, freq: 2 });
const sortOf = (keys: Keys<never>): fc.Arbitrary<string> =>
	fc.tuple(fc.boolean(), fc.constantFrom(...Object.keys(keys))).map(([down, name]) => (down ? `-${name}` : name));
const text = fc.constantFrom("a_b", "A_B", "%", "\\", "v1", "team", "latest", "axb", "nothing", "V1.0", "'");
const sights = fc.option(fc.array(number, { maxLength: 4 }), { nil: null });

function sightOf(spaces: readonly number[] | null): Sight {
	if (spaces === null) return seesAll;
	return { all: false, spaces: new Map(spaces.map((at) => [oneOf(() => known.spaces, at)?.id ?? "1", "viewer"])) };
}

/** Values that are there, by number; and without what is undefined. */
function given<T extends object>(query: T): T {
	return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined)) as T;
}

const artifactQueries = fc
	.record({
		registry: maybe(number),
		space: maybe(number),
		repository: maybe(number),
		workspace: maybe(fc.boolean()),
		state: maybe(fc.constantFrom(...scanStates)),
		severity: maybe(fc.constantFrom(...severities, null)),
		vulnerability: maybe(fc.constantFrom("CVE-1", "CVE-2", "GHSA-CVE-3", "CVE-4", "CVE-5")),
		package: maybe(fc.constantFrom("zlib", "openssl", "left-pad", "a_b", "axb")),
		digest: maybe(number),
		tag: maybe(fc.constantFrom("latest", "v1.0", "v1_0", "none")),
		q: maybe(text),
		children: maybe(fc.boolean()),
	})
	.map((drawn) => {
		// All filters at once find nothing: keep three at most.
		const kept = Object.fromEntries(
			Object.entries(drawn)
				.filter(([, value]) => value !== undefined)
				.slice(0, 3),
		);
		return kept;
	});

function artifactQuery({
	registry,
	space,
	repository,
	workspace,
	digest,
	...rest
}: {
	readonly [K in "registry" | "space" | "repository" | "digest"]?: number | undefined;
} & { readonly workspace?: boolean | undefined } & Omit<
		ArtifactQuery,
		"registry" | "space" | "repository" | "workspace" | "digest"
	>): ArtifactQuery {
	return given({
		...rest,
		registry: registry === undefined ? undefined : oneOf(() => known.registries, registry),
		space: space === undefined ? undefined : oneOf(() => known.spaces, space)?.id,
		repository: repository === undefined ? undefined : oneOf(() => known.repositories, repository)?.id,
		workspace: workspace === undefined ? undefined : workspace ? known.workspace : "999",
		digest: digest === undefined ? undefined : oneOf(() => known.artifacts, digest)?.digest,
	}) as ArtifactQuery;
}

describe("artifacts", () => {
	test("every filter, sort, page size and sight gives the naive answer", async () => {
		const property = fc.asyncProperty(
			artifactQueries,
			sortOf(artifactKeys),
			fc.integer({ min: 1, max: 30 }),
			sights,
			// All sets taken for large ones, as none here is.
			fc.constantFrom(undefined, 0),
			async (drawn, sort, limit, spaces, small) => {
				const query = artifactQuery(drawn);
				const sight = sightOf(spaces);
				const list = (page: ArtifactQuery) => listArtifacts(database.db, page, sight, small);
				const expected = sorted(
					known.artifacts.filter((artifact) => matches(artifact, query, sight)),
					artifactKeys,
					sort,
				).map(({ id }) => id);
				expect(await walk((page) => list({ ...query, ...page, sort }), limit)).toEqual(expected);
				const counted = await list({ ...query, sort, limit: 1, total: true });
				expect(counted.total).toBe(expected.length);
			},
		);
		await fc.assert(property, runs);
	});

	test("each filter alone finds something, so that the comparison is of something", async () => {
		const alone: readonly ArtifactQuery[] = [
			{ severity: "critical" },
			{ severity: null },
			{ vulnerability: "CVE-2" },
			{ vulnerability: "GHSA-CVE-3" },
			{ package: "openssl" },
			{ tag: "v1_0" },
			{ q: "%" },
			{ q: "\\" },
			{ q: "A_B" },
			{ state: "failed" },
			{ workspace: known.workspace },
		];
		for (const query of alone)
			expect((await store.artifacts(query, seesAll)).items, JSON.stringify(query)).not.toEqual([]);
		const indexes = known.artifacts.filter(
			({ kind, top, packages }) => kind === "index" && top && packages.has("zlib"),
		);
		expect(indexes).not.toEqual([]);
	});
});

describe("repositories", () => {
	test("every filter, sort, page size and sight gives the naive answer", async () => {
		const queries = fc.record({
			registry: maybe(number),
			space: maybe(number),
			workspace: maybe(fc.boolean()),
			state: maybe(fc.constantFrom(...scanStates)),
			q: maybe(text),
		});
		const sorts = sortOf(repositoryKeys);
		const property = fc.asyncProperty(
			queries,
			sorts,
			fc.integer({ min: 1, max: 10 }),
			sights,
			async (drawn, sort, limit, spaces) => {
				const query = artifactQuery(drawn as Parameters<typeof artifactQuery>[0]) as RepositoryQuery;
				const sight = sightOf(spaces);
				const expected = known.repositories.filter(
					(repository) =>
						isIn(repository, query, sight) &&
						(query.state === undefined || newestOf(repository)?.state === query.state) &&
						(query.q === undefined || includes(repository.name, query.q)),
				);
				const ids = sorted(expected, repositoryKeys, sort).map(({ id }) => id);
				expect(await walk((page) => store.repositories({ ...query, ...page, sort }, sight), limit)).toEqual(ids);
				expect((await store.repositories({ ...query, sort, total: true }, sight)).total).toBe(ids.length);
			},
		);
		await fc.assert(property, runs);
	});
});

describe("spaces", () => {
	test("sums count an index once, in every order, page size and sight", async () => {
		const property = fc.asyncProperty(
			fc.constantFrom("name", "-name", "severity", "-severity"),
			fc.integer({ min: 1, max: 7 }),
			sights,
			async (sort, limit, drawn) => {
				const sight = sightOf(drawn);
				const spaces = known.spaces
					.filter(({ id }) => sight.all || sight.spaces.has(id))
					.map((space) => {
						const own = known.artifacts.filter((it) => it.top && it.repository.space === space.id);
						const counts = severities.map((_, at) => own.reduce((sum, it) => sum + (it.counts?.[at] ?? 0), 0));
						return { ...space, counts, artifacts: own.length };
					});
				const keys: Keys<(typeof spaces)[number]> = { name: ({ name }) => [name], severity: worst };
				const expected = sorted(spaces, keys, sort);
				expect(await walk((page) => store.spaces({ ...page, sort }, sight), limit)).toEqual(
					expected.map(({ id }) => id),
				);
				const { items, total } = await store.spaces({ sort, total: true }, sight);
				expect(total).toBe(expected.length);
				expect(items.map(({ artifacts, summary: s }) => [artifacts, s.critical, s.high, s.medium, s.low])).toEqual(
					expected.map(({ artifacts, counts }) => [artifacts, ...counts]),
				);
			},
		);
		await fc.assert(property, { numRuns: 30 });
	});
});

// The last: it changes what is known.
test("rows that are inserted between pages make nothing come twice or get lost", async () => {
	const pick = picks(9);
	for (const sort of ["-severity", "repository", "-pushedAt", "scannedAt", "state", "-size"]) {
		const before = sorted(
			known.artifacts.filter(({ top }) => top),
			artifactKeys,
			sort,
		).map(({ id }) => id);
		const added: KnownArtifact[] = [];
		const list = (page: PageQuery): Promise<PageOf<{ readonly id: string }>> =>
			store.artifacts({ ...page, sort }, seesAll);
		const ids = await walk(list, 7, async () => {
			added.push(...(await addSome(database.db, pick, known.repositories)));
		});
		expect(added.length).toBeGreaterThan(3);
		expect(new Set(ids).size).toBe(ids.length);
		const old = new Set(before);
		expect(ids.filter((id) => old.has(id))).toEqual(before);
		known = { ...known, artifacts: [...known.artifacts, ...added] };
	}
});
