import { type Static, Type } from "typebox";
import { Id, Nullable, Time } from "./basics.ts";

/** The advisories that results are judged by now, and how the last update went. */
export const AdvisoriesInfo = Type.Object({
	current: Nullable(
		Type.Object({
			digest: Type.String(),
			builtAt: Time,
			kind: Type.String({ description: "`starter` knows next to nothing" }),
			records: Type.Integer(),
			evaluatedAt: Nullable(Time),
			sources: Type.Array(Type.Object({ ecosystem: Type.String(), records: Type.Integer(), newest: Type.String() })),
		}),
	),
	update: Type.Object({
		state: Type.Union([Type.Literal("idle"), Type.Literal("running"), Type.Literal("failed")]),
		startedAt: Nullable(Time),
		finishedAt: Nullable(Time),
		error: Nullable(Type.String()),
	}),
	evaluations: Type.Array(
		Type.Object({
			id: Id,
			digest: Type.String(),
			startedAt: Time,
			finishedAt: Nullable(Time),
			packages: Type.Integer({ description: "Package versions that were matched again" }),
			artifacts: Type.Integer({ description: "Artifacts whose numbers were counted again" }),
			appeared: Type.Integer({ description: "Vulnerabilities that were on no image before" }),
			gone: Type.Integer(),
		}),
	),
});
export type AdvisoriesInfo = Static<typeof AdvisoriesInfo>;
