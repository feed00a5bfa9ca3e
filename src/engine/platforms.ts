import { type Descriptor, formatPlatform, matchesPlatform, type Platform } from "#model";
import { EngineError } from "./errors.ts";

type Asked = "all" | Platform;

/** BuildKit hangs attestations into an index as children of platform unknown/unknown. */
export function isAttestation({ platform, annotations }: Descriptor): boolean {
	return (
		annotations?.["vnd.docker.reference.type"] === "attestation-manifest" ||
		(platform?.os === "unknown" && platform.architecture === "unknown")
	);
}

export function wanted({ platform }: Descriptor, asked: Asked): boolean {
	return asked === "all" || platform === undefined || matchesPlatform(asked, platform);
}

/** An image that does not tell its platform suits any. */
export function suits({ platform }: { readonly platform: Platform | null }, asked: Asked): boolean {
	return asked === "all" || platform === null || matchesPlatform(asked, platform);
}

export function noSuchPlatform(name: string, asked: Asked, children: readonly Descriptor[]): EngineError {
	const platforms = children.filter((child) => !isAttestation(child)).map(nameOf);
	const what = asked === "all" ? "an image" : `an image for ${formatPlatform(asked)}`;
	return new EngineError(
		"platform_not_found",
		`${name} does not hold ${what}; it holds: ${platforms.join(", ") || "nothing"}.`,
		platforms.length > 0
			? "Ask for one of these with --platform, or for all of them with --platform all."
			: "Check the reference, or build and push the image again.",
	);
}

export function nameOf({ platform, digest }: Descriptor): string {
	return platform ? formatPlatform(platform) : digest;
}
