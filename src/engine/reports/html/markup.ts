/** A piece of HTML that is safe to send: made by `html` only, which escapes whatever is put into it. */
export interface Html {
	readonly html: string;
}

export type Content = Html | string | number | null | undefined | readonly Content[];

/**
 * A template: every text that is put in is escaped for elements and for quoted attributes; attributes must therefore be
 * quoted. Nothing is put in for null and undefined.
 */
export function html(literals: TemplateStringsArray, ...contents: readonly Content[]): Html {
	return { html: literals.reduce((text, literal, index) => text + rendered(contents[index - 1]) + literal) };
}

function rendered(content: Content): string {
	if (content === null || content === undefined) return "";
	if (typeof content === "string") return escapeHtml(content);
	if (typeof content === "number") return String(content);
	return "html" in content ? content.html : content.map(rendered).join("");
}

/** For elements and quoted attributes; the backtick because old browsers took it for a quote. */
function escapeHtml(text: string): string {
	return text.replace(/[&<>"'`]/g, (mark) => entities[mark] ?? "");
}

const entities: Readonly<Record<string, string>> = {
	"&": "&amp;",
	"<": "&lt;",
	">": "&gt;",
	'"': "&quot;",
	"'": "&#39;",
	"`": "&#96;",
};
