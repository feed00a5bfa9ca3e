import pg from "pg";
import { ServerError } from "#server";

const uniqueViolation = "23505";

/** For `catch`: a name that somebody else has is a conflict, all else goes on. */
export function refuseTaken(what: string, name: string): (error: unknown) => never {
	return (error) => {
		if (error instanceof pg.DatabaseError && error.code === uniqueViolation)
			throw new ServerError("conflict", `There is a ${what} called "${name}" already.`, "Choose another name.", error);
		throw error;
	};
}
