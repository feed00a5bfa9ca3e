import { compareText, counted, type Warning } from "#model";
import { shown } from "./naming.ts";

/** Counts the parts of a document that are no package that is known here. */
export class UnreadParts {
	readonly #kinds = new Map<string, number>();

	/** `kind` is a purl type, or says in words what is wrong: `without a package URL`. */
	add(kind: string): void {
		const text = shown(kind);
		const known = this.#kinds.has(text) || this.#kinds.size < kindsLimit ? text : "of other kinds";
		this.#kinds.set(known, (this.#kinds.get(known) ?? 0) + 1);
	}

	warnings(path: string): readonly Warning[] {
		const kinds = [...this.#kinds.entries()].sort(([a, x], [b, y]) => y - x || compareText(a, b));
		if (kinds.length === 0) return [];
		const total = kinds.reduce((sum, [, count]) => sum + count, 0);
		const listed = kinds.map(([kind, count]) => `${count} ${kind}`).join(", ");
		const message = `${counted(total, "component")} of the SBOM cannot be held against advisories and may hide vulnerabilities: ${listed}.`;
		return [{ code: "sbom_component_unread", message, path }];
	}
}

/** Kinds come from the document. */
const kindsLimit = 12;
