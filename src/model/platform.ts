/** An OCI platform (image-spec, image-index.md "platform"). */
export interface Platform {
	readonly os: string;
	readonly architecture: string;
	readonly variant?: string;
	readonly osVersion?: string;
}

/** `linux/arm64/v8`. */
export function formatPlatform(platform: Platform): string {
	const { os, architecture, variant } = platform;
	return variant ? `${os}/${architecture}/${variant}` : `${os}/${architecture}`;
}

/** Reads `os/architecture[/variant]`; null when the text is not of that form. */
export function parsePlatform(text: string): Platform | null {
	const [os, architecture, variant, ...rest] = text.toLowerCase().split("/");
	if (!os || !architecture || rest.length > 0 || variant === "") return null;
	return variant ? { os, architecture, variant } : { os, architecture };
}

/** What an architecture without a variant means; container runtimes read it so (containerd, platforms package). */
const usualVariant: Readonly<Record<string, string>> = { amd64: "v1", arm: "v7", arm64: "v8" };

/** Whether `actual` satisfies what was asked: a variant counts only when it was asked for. */
export function matchesPlatform(asked: Platform, actual: Platform): boolean {
	return (
		asked.os === actual.os &&
		asked.architecture === actual.architecture &&
		(asked.variant === undefined || asked.variant === (actual.variant ?? usualVariant[actual.architecture]))
	);
}
