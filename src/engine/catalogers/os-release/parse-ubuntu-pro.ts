import type { ReleaseFact, ReleaseFault } from "./release-fact.ts";

/** Where Ubuntu's `pro` keeps what `pro status` last found. */
export const proStatusPath = "var/lib/ubuntu-advantage/status.json";

/** The services that bring security updates of their own: of `main`, and of `universe`. */
const esmServices = new Set<unknown>(["esm-infra", "esm-apps"]);

const unreadable: ReleaseFault = {
	fault:
		"The state of Ubuntu Pro cannot be read (it is no JSON with a list of services): if its security updates are switched on, packages are judged as if they were not.",
};

/** Ubuntu Pro's state: a fact only when one of its ESM services is `enabled`. A machine without Pro has none. */
export function parseUbuntuPro(text: string, path: string): ReleaseFact | ReleaseFault | null {
	if (text.trim() === "") return null;
	const services = servicesOf(text);
	if (services === null) return unreadable;
	return services.some(isEnabledEsm)
		? { source: "ubuntu-advantage", path, id: "ubuntu", versionId: "", extended: "esm" }
		: null;
}

function servicesOf(text: string): readonly unknown[] | null {
	try {
		const status: unknown = JSON.parse(text);
		if (typeof status !== "object" || status === null || !("services" in status)) return null;
		return Array.isArray(status.services) ? status.services : null;
	} catch {
		return null;
	}
}

function isEnabledEsm(service: unknown): boolean {
	if (typeof service !== "object" || service === null || !("name" in service) || !("status" in service)) return false;
	return esmServices.has(service.name) && service.status === "enabled";
}
