/** RFC 3339 with seconds, as the schemas of the exchange formats ask; undefined for what is no moment. */
export function momentOf(text: string | undefined): string | undefined {
	if (text === undefined) return undefined;
	if (rfc3339.test(text) && !Number.isNaN(Date.parse(text))) return text;
	const date = /^\d{4}-\d{2}-\d{2}/.test(text) ? new Date(text) : null;
	return date === null || Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

const rfc3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;
