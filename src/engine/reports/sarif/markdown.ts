/**
 * One line of an image or a feed in Markdown, so that it reads as it is and makes no link, image, heading, mention or
 * HTML (https://github.github.com/gfm/: backslash escapes 2.4, entities 6.2, extended autolinks 6.9). Round brackets and
 * `!` mean nothing once square brackets are escaped.
 */
export function inMarkdown(text: string): string {
	return text
		.replace(/[\\`*_{}[\]|~^@]/g, String.raw`\$&`)
		.replace(/^(\s*)([#+=-])/, String.raw`$1\$2`)
		.replace(/^(\s*\d+)([.)])/, String.raw`$1\$2`)
		.replace(/:(?=\/\/)/g, String.raw`\:`)
		.replace(/\bwww\./gi, (prefix) => `${prefix.slice(0, -1)}\\.`)
		.replaceAll("&", "&amp;")
		.replaceAll("<", "&lt;")
		.replaceAll(">", "&gt;");
}

/** An address as a link; `<` and `>` never stand in one that `webAddress` gave. */
export function linkInMarkdown(address: string): string {
	return `<${address}>`;
}
