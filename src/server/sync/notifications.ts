/** Reads what registries send when something happens. Nothing in it is believed: it says where to look. */
import { isDigest } from "#model";
import { isRepositoryName, isTagName } from "./names.ts";

export interface Hints {
	/** Repositories to look at, with the tags that were spoken of. */
	readonly repositories: ReadonlyMap<string, readonly string[]>;
	readonly pulls: readonly { readonly repository: string; readonly digest: string }[];
	readonly accepted: number;
	readonly ignored: number;
	readonly malformed: number;
}

/** One notification has at most a few hundred; what is beyond is no notification. */
const mostEvents = 10_000;

type Reading =
	| { readonly kind: "look"; readonly repository: string; readonly tag: string | null }
	| { readonly kind: "pull"; readonly repository: string; readonly digest: string }
	| "ignored"
	| "malformed";

/** Distribution's envelope `{events}`, or one event of Artifactory. Null: neither. */
export function readNotification(body: unknown): Hints | null {
	if (!isRecord(body)) return null;
	if (Array.isArray(body["events"])) return collect(body["events"].slice(0, mostEvents).map(readDistribution));
	if (typeof body["domain"] === "string") return collect([readArtifactory(body)]);
	return null;
}

/** https://distribution.github.io/distribution/about/notifications/ */
function readDistribution(event: unknown): Reading {
	if (!isRecord(event) || typeof event["action"] !== "string" || !isRecord(event["target"])) return "malformed";
	const { repository, tag, digest, mediaType } = event["target"];
	if (!isRepositoryName(repository) || (tag !== undefined && tag !== "" && !isTagName(tag))) return "malformed";
	switch (event["action"]) {
		case "push":
			// Layers come before the manifest, each with an event of its own.
			if (mediaType === "application/octet-stream") return "ignored";
			return { kind: "look", repository, tag: isTagName(tag) ? tag : null };
		case "delete":
			return { kind: "look", repository, tag: isTagName(tag) ? tag : null };
		case "pull":
			if (typeof digest !== "string" || !isDigest(digest)) return "malformed";
			return mediaType === "application/octet-stream" || isOurs(event["request"])
				? "ignored"
				: { kind: "pull", repository, digest };
		default:
			return "ignored";
	}
}

/** Reading an image to scan it is no use of it. */
function isOurs(request: unknown): boolean {
	return isRecord(request) && typeof request["useragent"] === "string" && /^plimsoll\b/.test(request["useragent"]);
}

/** https://jfrog.com/help/r/jfrog-platform-administration-documentation/docker-webhook-event */
function readArtifactory(event: Readonly<Record<string, unknown>>): Reading {
	if (event["domain"] !== "docker") return "ignored";
	if (!isRecord(event["data"])) return "malformed";
	const { repo_key: key, image_name: image, tag } = event["data"];
	const repository = `${String(key)}/${String(image)}`;
	if (typeof key !== "string" || typeof image !== "string" || !isRepositoryName(repository)) return "malformed";
	if (!["pushed", "deleted", "promoted"].includes(String(event["event_type"]))) return "ignored";
	return { kind: "look", repository, tag: isTagName(tag) ? tag : null };
}

function collect(readings: readonly Reading[]): Hints {
	const repositories = new Map<string, string[]>();
	const pulls: { repository: string; digest: string }[] = [];
	const counts = { accepted: 0, ignored: 0, malformed: 0 };
	for (const reading of readings) {
		if (reading === "ignored" || reading === "malformed") {
			counts[reading]++;
			continue;
		}
		counts.accepted++;
		if (reading.kind === "pull") pulls.push({ repository: reading.repository, digest: reading.digest });
		else {
			const tags = repositories.get(reading.repository) ?? [];
			repositories.set(reading.repository, reading.tag === null ? tags : [reading.tag, ...tags]);
		}
	}
	return { repositories, pulls, ...counts };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
