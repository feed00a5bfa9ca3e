/** What happens, as the event stream tells it. Kept ones have an id, from which a stream can be taken up again. */
import { type Static, Type } from "typebox";
import { Id, Nullable, Time } from "./basics.ts";
import { Progress } from "./catalog.ts";
import { ScanState } from "./states.ts";

const of = <T extends string>(type: T) => Type.Literal(type);

export const EventBody = Type.Union([
	Type.Object({ type: of("scan.state"), scanId: Id, artifactId: Id, repository: Type.String(), state: ScanState }),
	Type.Object({ type: of("scan.progress"), scanId: Id, artifactId: Id, progress: Progress }),
	Type.Object({
		type: of("artifact.pushed"),
		artifactId: Id,
		repository: Type.String(),
		tag: Nullable(Type.String()),
		digest: Type.String(),
	}),
	Type.Object({ type: of("artifact.deleted"), artifactId: Id, repository: Type.String(), digest: Type.String() }),
	Type.Object({ type: of("artifact.counts"), artifactId: Id, repository: Type.String() }),
	Type.Object({
		type: of("registry.health"),
		registryId: Id,
		name: Type.String(),
		state: Type.String(),
		reason: Nullable(Type.String()),
	}),
	Type.Object({
		type: of("registry.sync"),
		registryId: Id,
		name: Type.String(),
		state: Type.String(),
		repositoriesDone: Type.Integer(),
		repositoriesTotal: Nullable(Type.Integer()),
	}),
	Type.Object({
		type: of("vulnerability.new"),
		vulnerability: Type.String(),
		severity: Type.String(),
		artifacts: Type.Integer(),
		packages: Type.Array(Type.String()),
	}),
	Type.Object({
		type: of("advisories.changed"),
		digest: Type.String(),
		builtAt: Time,
		artifacts: Type.Integer({ description: "Images whose numbers changed" }),
		appeared: Type.Integer({
			description: "Vulnerabilities that are new on some image; the first 1,000 are told one by one",
		}),
	}),
]);
export type EventBody = Static<typeof EventBody>;
export type EventType = EventBody["type"];
export const eventTypes: readonly EventType[] = EventBody.anyOf.map(({ properties }) => properties.type.const);

/** Progress comes often and is worth nothing later. */
export const passing: ReadonlySet<EventType> = new Set<EventType>(["scan.progress"]);

export interface Event {
	/** Null for one that is not kept. */
	readonly id: Id | null;
	readonly at: string;
	/** Who may see it: everybody who sees the space or, where there is none, the registry's administrators; null: everybody. */
	readonly spaceId: Id | null;
	/** Of the space or, where there is none, the one that the body names. */
	readonly registryId: Id | null;
	readonly audience: "space" | "administrators" | "everybody";
	readonly body: EventBody;
}

const told = { id: Nullable(Id), at: Time, spaceId: Nullable(Id), registryId: Nullable(Id) };
export type ToldEvent = EventBody & Omit<Event, "audience" | "body">;
/** One event as the stream and its history give it. */
export const ToldEvent = Type.Unsafe<ToldEvent>(
	Type.Union(EventBody.anyOf.map(({ properties }) => Type.Object({ ...told, ...properties }))),
);
