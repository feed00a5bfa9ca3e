import type { Audit, AuditRecord, AuditStore, NewAuditEntry } from "../ports/audit.ts";

/** Takes who, by which way and from where out of the request, so that no route can get it wrong. */
export function auditTo(store: AuditStore): Audit {
	return { record: (entry) => store.append(entryOf(entry)) };
}

function entryOf({ request, action, subject, outcome, details = {}, actor }: AuditRecord): NewAuditEntry {
	const who = request?.principal ?? actor ?? null;
	return {
		userId: who?.userId ?? null,
		actor: who?.username ?? null,
		via: viaOf(request),
		action,
		subject,
		outcome,
		details,
		address: request?.ip ?? null,
	};
}

function viaOf(request: AuditRecord["request"]): NewAuditEntry["via"] {
	if (!request) return "system";
	if (request.principal) return request.principal.via;
	return request.routeOptions.config.needs?.by === "secret" ? "webhook" : "session";
}
