import { styleText } from "node:util";
import type { ReportStatus, Severity } from "#model";

/** What the rendering parts share: how wide, which characters, which colours. */
export interface Style {
	readonly columns: number;
	readonly glyphs: Glyphs;
	/** Colours a finished text; gives it back as it is when colours are off. */
	paint(colour: Colour, text: string): string;
}

export interface Glyphs {
	readonly bar: string;
	readonly ellipsis: string;
	readonly bullet: string;
	readonly arrow: string;
}

export type Colour = Parameters<typeof styleText>[0];

const unicodeGlyphs: Glyphs = { bar: "█", ellipsis: "…", bullet: "•", arrow: "→" };
const asciiGlyphs: Glyphs = { bar: "#", ellipsis: "...", bullet: "-", arrow: "->" };

export function createStyle(columns: number, colour: boolean, unicode: boolean): Style {
	return {
		columns,
		glyphs: unicode ? unicodeGlyphs : asciiGlyphs,
		// Whether the stream takes colours was decided by whoever asked for them.
		paint: (format, text) => (colour && text !== "" ? styleText(format, text, { validateStream: false }) : text),
	};
}

export const severityColours: Readonly<Record<Severity, Colour>> = {
	critical: ["bold", "redBright"],
	high: "red",
	medium: "yellow",
	low: "cyan",
	negligible: "gray",
	unknown: "magenta",
};

export const statusColours: Readonly<Record<ReportStatus, Colour>> = {
	complete: ["bold", "green"],
	partial: ["bold", "yellow"],
	failed: ["bold", "red"],
};
