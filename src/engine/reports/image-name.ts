import { PackageURL } from "packageurl-js";
import type { Report } from "#model";

/** What a reference names in a registry. */
export interface ImageName {
	/** `docker.io` when the reference names none. */
	readonly registry: string;
	/** `library/nginx` */
	readonly repository: string;
	/** Empty when the reference gives none. */
	readonly tag: string;
}

/**
 * Reads the reference that was asked for (grammar: github.com/distribution/reference); null for a file or a folder.
 * The report has its digest apart.
 */
export function imageNameOf(text: string): ImageName | null {
	if (otherTarget.test(text) || text.length > longestReference) return null;
	const [, host, path, tag] = reference.exec(text) ?? [];
	if (path === undefined) return null;
	const isHost = host !== undefined && /[.:]|^localhost$/.test(host);
	const registry = isHost ? host : "docker.io";
	const name = isHost || host === undefined ? path : `${host}/${path}`;
	const isShort = registry === "docker.io" && !name.includes("/");
	return { registry, repository: isShort ? `library/${name}` : name, tag: tag ?? "" };
}

/** A file may be named without its kind; no repository is called after an archive. */
const otherTarget = /^(?:oci-layout|oci-archive|docker-archive|dir|sbom):|\.(?:tar|tgz|tar\.\w+|json)$/;
/** 255 for the name, 128 for the tag, 135 for a digest, and what is between them. */
const longestReference = 600;
const reference =
	/^(?:([A-Za-z0-9[][^/\s@]*)\/)?([a-z0-9][a-z0-9._/-]*)(?::([A-Za-z0-9_][A-Za-z0-9_.-]*))?(?:@[a-z0-9+._-]+:[0-9a-f]+)?$/;

/** `registry.example/shop/web`; what was asked for, where that is no reference. */
export function repositoryText(report: Report): string {
	const name = imageNameOf(report.artifact.name);
	return name === null ? report.artifact.name : `${name.registry}/${name.repository}`;
}

/**
 * The image's purl (package-url/purl-spec, type oci); null for what is in no registry or has no digest: a purl that
 * names no place helps nobody.
 */
export function imagePurl({ artifact }: Report, asked: string): string | null {
	const name = imageNameOf(asked);
	if (name === null || artifact.digest === "") return null;
	const last = name.repository.slice(name.repository.lastIndexOf("/") + 1);
	const arch = artifact.platform.split("/")[1];
	const qualifiers = {
		...(arch ? { arch } : {}),
		repository_url: `${name.registry}/${name.repository}`,
		...(name.tag === "" ? {} : { tag: name.tag }),
	};
	// The library keeps colons in versions as they are; the specification's examples of this type encode them.
	const url = new PackageURL("oci", undefined, last, artifact.digest, qualifiers, undefined).toString();
	return url.replace(`@${artifact.digest}`, `@${encodeURIComponent(artifact.digest)}`);
}
