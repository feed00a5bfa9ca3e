/**
 * The one spelling of a Python project's name: lower case, each run of hyphens, underscores and dots is one hyphen.
 * https://packaging.python.org/en/latest/specifications/name-normalization/ (PEP 503)
 */
export function normalisePythonName(name: string): string {
	return name.toLowerCase().replaceAll(/[-_.]+/g, "-");
}
