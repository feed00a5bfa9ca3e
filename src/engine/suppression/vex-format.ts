import type { JsonObject } from "./json.ts";
import { mostScopes, mostStatements } from "./limits.ts";
import { malformedFile } from "./malformed.ts";
import type { Statement, Suppressions } from "./types.ts";

/** A kind of VEX document. Parsing is shared; what a document says is each format's own. */
export interface VexFormat {
	/** For people: `OpenVEX`. */
	readonly name: string;
	recognises(document: JsonObject): boolean;
	/** @throws EngineError suppression_malformed */
	read(document: JsonObject, file: string): Suppressions;
}

/** Keeps a document from filling the memory: the places are products times components. */
export function checkAmount(statements: readonly Statement[], file: string): void {
	if (statements.length > mostStatements) throw malformedFile(file, `it has more than ${mostStatements} statements.`);
	let scopes = 0;
	for (const statement of statements) scopes += statement.scopes.length;
	if (scopes > mostScopes) throw malformedFile(file, `its statements name more than ${mostScopes} products.`);
}
