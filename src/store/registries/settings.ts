import type { RegistryPatch } from "#contract";

/** The columns of what is given; what is left out is left out. Credentials are none of it. */
export function settingsOf(given: Omit<RegistryPatch, "credentials">) {
	return {
		...(given.name !== undefined && { name: given.name }),
		...(given.url !== undefined && { url: given.url }),
		...(given.preset !== undefined && { preset: given.preset }),
		...(given.repositories !== undefined && { repositories: given.repositories && [...new Set(given.repositories)] }),
		...(given.insecure !== undefined && { insecure: given.insecure }),
		...(given.caCertificate !== undefined && { ca_certificate: given.caCertificate }),
		...(given.scanOnPush !== undefined && { scan_on_push: given.scanOnPush }),
		...(given.maxConcurrentScans !== undefined && { max_concurrent_scans: given.maxConcurrentScans }),
		...(given.maxBytesPerSecond !== undefined && {
			max_bytes_per_second: given.maxBytesPerSecond === null ? null : String(given.maxBytesPerSecond),
		}),
		...(given.syncIntervalSeconds !== undefined && { sync_interval_seconds: given.syncIntervalSeconds }),
	};
}
