/** Checks requests by their routes' schemas, and says which field is wrong and how. */
import type { FastifySchemaCompiler } from "fastify";
import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { coerce } from "./coerce.ts";
import { explain } from "./explain.ts";
import { unreadableIn } from "./readable.ts";

/** A hostile request may have a hundred thousand errors. */
const mostErrors = 20;

export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
	const check = Compile(schema);
	return (value: unknown) => {
		// A body is JSON and has types of its own; a query and a path are text.
		const turned = httpPart === "body" ? value : coerce(schema as Readonly<Record<string, unknown>>, value);
		const unreadable = unreadableIn(turned);
		if (unreadable === null && check.Check(turned)) return { value: turned };
		const errors = unreadable ? [unreadable] : explain(schema, turned).slice(0, mostErrors);
		return {
			error: errors.map(({ path, message }) => ({
				instancePath: path,
				message,
				keyword: "",
				schemaPath: "",
				params: {},
			})),
		};
	};
};
