import { mostNameLength, mostNames, mostReasonLength } from "./limits.ts";
import { cleanText } from "./text.ts";
import type { StatementStatus } from "./types.ts";

/** https://www.cisa.gov/sites/default/files/publications/VEX_Status_Justification_Jun22.pdf: labels, and what they say. */
const justifications = new Map([
	["component_not_present", "The component is not in the product."],
	["vulnerable_code_not_present", "The vulnerable code is not in the product."],
	["vulnerable_code_not_in_execute_path", "The vulnerable code is never executed."],
	["vulnerable_code_cannot_be_controlled_by_adversary", "Attackers cannot control the vulnerable code."],
	["inline_mitigations_already_exist", "The product's own protections prevent exploitation."],
]);

export const justificationLabels: readonly string[] = [...justifications.keys()];

/** A label that is known; undefined for any other text. */
export function knownJustification(text: string | undefined): string | undefined {
	return text !== undefined && justifications.has(text) ? text : undefined;
}

export const noReason = "No reason is given.";

/** The first text that is given, else what the justification or the status says. */
export function reasonFrom(
	status: StatementStatus,
	justification: string | undefined,
	texts: readonly (string | undefined)[],
): string {
	for (const text of texts) {
		const clean = text === undefined ? "" : cleanText(text, mostReasonLength);
		if (clean !== "") return clean;
	}
	const known = justification === undefined ? undefined : justifications.get(justification);
	return known ?? (status === "fixed" ? "The product contains the fix." : noReason);
}

/** Names of a vulnerability, in upper case, each once; what is no name of one is left out. */
export function vulnerabilityNames(names: readonly (string | undefined)[]): readonly string[] {
	const found = new Set<string>();
	for (const name of names) {
		const clean = name?.trim().toUpperCase() ?? "";
		if (clean.length <= mostNameLength && /^[^\s\p{Cc}]+$/u.test(clean)) found.add(clean);
		if (found.size === mostNames) break;
	}
	return [...found];
}
