/**
 * Something that a reader of the report must know.
 * `partial` warnings say that something was not looked at: a report with one is not `complete`.
 */
export const warningCodes = {
	layer_unreadable: "partial",
	layer_truncated: "partial",
	layer_limit: "partial",
	layer_type_unsupported: "partial",
	diff_id_mismatch: "partial",
	path_outside_root: "partial",
	entry_malformed: "partial",
	file_too_large: "partial",
	package_database_malformed: "partial",
	package_file_malformed: "partial",
	packages_unsupported: "partial",
	packages_missing: "partial",
	version_malformed: "partial",
	version_unknown: "note",
	name_incomplete: "note",
	module_unknown: "partial",
	os_unknown: "partial",
	os_absent: "note",
	os_unsupported: "partial",
	os_ambiguous: "note",
	os_end_of_life: "note",
	third_party_packages: "note",
	packages_os_owned: "note",
	advisories_missing: "partial",
	advisories_stale: "partial",
	advisories_old: "note",
	advisories_starter_set: "partial",
	advisory_version_malformed: "partial",
	suppression_unused: "note",
	suppression_expired: "note",
	sbom_incomplete: "partial",
	sbom_component_unread: "partial",
	child_skipped: "note",
	child_failed: "partial",
} as const satisfies Record<string, "partial" | "note">;

export type WarningCode = keyof typeof warningCodes;

export interface Warning {
	readonly code: WarningCode;
	/** One sentence for people: what was seen, why it matters. */
	readonly message: string;
	/** The layer it was seen in, by index, where it was one. */
	readonly layer?: number;
	/** The file, relative to the image's root. */
	readonly path?: string;
}

/** Whether a warning means that something was not looked at. */
export function makesPartial(warning: Warning): boolean {
	return warningCodes[warning.code] === "partial";
}
