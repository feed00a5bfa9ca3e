/** Shapes that many resources share. */
import { type Static, type TSchema, Type } from "typebox";
import { severities } from "#model";

/** Ids are decimal numbers as text: JavaScript's numbers end before PostgreSQL's bigint, which holds any 18 digits. */
export const Id = Type.String({ pattern: "^[1-9][0-9]{0,17}$", description: "An id: a positive decimal number" });
export type Id = Static<typeof Id>;

export const Time = Type.String({ format: "date-time", description: "RFC 3339, UTC" });

export const Digest = Type.String({ pattern: "^sha(256|512):[0-9a-f]{64,128}$" });

export const Severity = Type.Enum(severities);

export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

const Count = Type.Integer({ minimum: 0 });

/** Numbers of findings; `fixable` of `total` have a fixed version, `suppressed` ones are in no other number. */
export const Summary = Type.Object({
	critical: Count,
	high: Count,
	medium: Count,
	low: Count,
	negligible: Count,
	unknown: Count,
	total: Count,
	fixable: Count,
	suppressed: Count,
});

/** One page of a list. `next` is the cursor of the following page, null on the last one. */
export const Page = <T extends TSchema>(item: T) =>
	Type.Object({
		items: Type.Array(item),
		next: Nullable(Type.String()),
		total: Type.Optional(
			Type.Integer({ minimum: 0, description: "All of them; only when the query asks `total=true`" }),
		),
	});

export interface PageOf<T> {
	readonly items: readonly T[];
	readonly next: string | null;
	readonly total?: number;
}

/** What every list takes. `sort` is a field, with `-` in front for the other direction. */
export const PageQuery = Type.Object({
	limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
	cursor: Type.Optional(Type.String({ maxLength: 512 })),
	sort: Type.Optional(Type.String({ maxLength: 40 })),
	total: Type.Optional(Type.Boolean({ default: false })),
});
export type PageQuery = Static<typeof PageQuery>;

/** RFC 9457. `code` is stable; `hint` says what to do. */
export const Problem = Type.Object({
	type: Type.String(),
	title: Type.String(),
	status: Type.Integer(),
	detail: Type.String(),
	code: Type.String(),
	hint: Type.String(),
	errors: Type.Optional(Type.Array(Type.Object({ path: Type.String(), message: Type.String() }))),
});
export type Problem = Static<typeof Problem>;
