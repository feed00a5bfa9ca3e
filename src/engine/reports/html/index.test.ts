import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Report, severities } from "#model";
import { markupReport, richIndexReport, richReport } from "../../testing/reports/rich-report.ts";
import * as samples from "../../testing/reports/sample-reports.ts";
import type { NewestVersion } from "../upgrades.ts";
import { renderHtml } from "./index.ts";
import { style } from "./style.ts";

const newest: NewestVersion = (_, versions) => versions.toSorted().at(-1) ?? null;

const reports: Readonly<Record<string, Report>> = {
	rich: richReport,
	"rich-index": richIndexReport,
	markup: markupReport,
	partial: samples.partialReport,
	"partial-nothing-found": samples.partialReportWithoutFindings,
	clean: samples.cleanReport,
	failed: samples.failedReport,
	index: samples.indexReport,
	hostile: samples.hostileReport,
};

function manyFindings(count: number): Report {
	return samples.imageReport(
		Array.from({ length: count }, (_, index) =>
			samples.sampleFinding({
				id: `CVE-2026-${10_000 + index}`,
				severity: severities[index % severities.length] ?? "low",
				name: `package-${index % 90}`,
				version: "1.0",
				...(index % 3 === 0 ? {} : { fixed: `1.${index % 7}` }),
			}),
		),
	);
}

interface Tag {
	readonly name: string;
	readonly attributes: ReadonlyMap<string, string>;
}

/** Every tag of a page; throws on a `<` that begins none, and on an attribute that is not quoted. */
function tagsOf(page: string): readonly Tag[] {
	const body = page.replace(/<style>[^<]*<\/style>/, "").replace("<!doctype html>", "");
	const tag = /<(?:\/[a-z0-9]+|([a-z][a-z0-9]*)((?: [a-z-]+(?:="[^"<>]*")?)*)\/?)>/gy;
	const tags: Tag[] = [];
	for (let at = body.indexOf("<"); at >= 0; at = body.indexOf("<", tag.lastIndex)) {
		tag.lastIndex = at;
		const match = tag.exec(body);
		if (match === null) throw new Error(`no tag of ours: ${body.slice(at, at + 80)}`);
		if (match[1] === undefined) continue;
		const attributes = [...(match[2] ?? "").matchAll(/ ([a-z-]+)(?:="([^"]*)")?/g)];
		tags.push({ name: match[1], attributes: new Map(attributes.map((each) => [each[1] ?? "", each[2] ?? ""])) });
	}
	return tags;
}

const elements = new Set(
	"html head meta title style body header main footer section div span p b h1 h2 h3 a ul li i dl dt dd code table thead tbody tr th td details summary fieldset legend label input svg circle path".split(
		" ",
	),
);
const attributes = new Set(
	"lang charset http-equiv content name class id href rel scope title type checked open role aria-label aria-hidden data-label viewBox fill stroke stroke-width stroke-linecap stroke-linejoin cx cy r d".split(
		" ",
	),
);

function expectHarmless(page: string): void {
	for (const tag of tagsOf(page.replaceAll("viewBox", "viewbox"))) {
		expect(elements, tag.name).toContain(tag.name);
		for (const [name, value] of tag.attributes) {
			expect(attributes, name).toContain(name === "viewbox" ? "viewBox" : name);
			if (name === "href") expect(value).toMatch(/^https?:\/\//);
		}
	}
}

describe("renderHtml", () => {
	it.each(Object.entries(reports))("%s has only our own elements and attributes", (_, report) => {
		expectHarmless(renderHtml(report, { newest }));
	});

	it("stays so whatever an image holds", () => {
		const piece = fc.constantFrom(
			"<",
			">",
			'"',
			"'",
			"`",
			"&",
			"&lt;",
			"script",
			"</",
			"<!--",
			"-->",
			"]]>",
			"=",
			" ",
			"\n",
			"on",
			"\u0000",
			"\ud800",
		);
		const text = fc.array(fc.oneof(piece, fc.string()), { maxLength: 12 }).map((all) => all.join(""));
		const law = fc.property(text, text, text, (a, b, c) => {
			const finding = samples.sampleFinding({
				id: a,
				severity: "low",
				type: "npm",
				name: b,
				version: c,
				fixed: a,
				title: c,
				paths: [b],
				parents: [c],
			});
			const full = {
				...finding,
				description: a,
				cwes: [b],
				references: [c, `https://${b}`],
				aliases: [a],
				published: c,
				kev: { added: a, due: b, ransomware: true },
			};
			const suppressed = { ...full, suppressed: { by: a, reason: b, status: "accepted", justification: c } } as const;
			const artifact = { ...markupReport.artifact, name: b, base: { name: a, digest: c } };
			const report = {
				...samples.imageReport([full, suppressed]),
				artifact,
				warnings: [{ code: "child_failed", message: a, path: b }],
			} as const;
			expectHarmless(renderHtml(report));
		});
		fc.assert(law, { numRuns: 300 });
	});

	it("forbids scripts and everything loaded, and its style is the one that it allows", () => {
		const page = renderHtml(richReport);
		const [, css = ""] = /<style>([^<]*)<\/style>/.exec(page) ?? [];
		const hash = createHash("sha256").update(css).digest("base64");
		expect(page).toContain(
			`content="default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'"`,
		);
		expect(page).not.toMatch(/<script|style="|url\(|@import|src=/);
	});

	it("lets nothing through that an editor or a reader obeys", () => {
		// biome-ignore lint: the controls are the point.
		const controls = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f]/;
		expect(renderHtml(samples.hostileReport)).not.toMatch(controls);
		expect(renderHtml(markupReport)).not.toMatch(controls);
	});

	it("lists every finding that counts once, and the suppressed ones apart", () => {
		const many = manyFindings(1000);
		const page = renderHtml(many, { newest });
		for (const { id } of many.findings) expect(page.split(`>${id}</a>`).length, id).toBe(2);
		const rich = renderHtml(richReport, { newest });
		const suppressed = rich.indexOf("<h2>Suppressed (3)</h2>");
		for (const id of ["CVE-2010-4756", "GHSA-xxxx-yyyy-zzzz", "CVE-2025-8008"]) {
			expect(rich.indexOf(`>${id}</a>`), id).toBeGreaterThan(suppressed);
		}
		expect(rich).toContain("vulnerable code not in execute path");
	});

	it("opens what is read first, and everything that is known to be exploited", () => {
		const page = renderHtml(manyFindings(1000), { newest });
		const open = page.match(/<details class="group [^"]*" open>/g) ?? [];
		const all = page.match(/<details class="group /g) ?? [];
		expect(all.length).toBe(90);
		expect(open.length).toBeGreaterThan(0);
		expect(open.length).toBeLessThan(10);
		expect(renderHtml(richReport)).toMatch(/<details class="group [^"]*has-kev[^"]*" open>/);
	});

	it("says what to upgrade first, and to which version", () => {
		const page = renderHtml(richReport, { newest });
		const first = page.slice(page.indexOf("<h2>Upgrade first</h2>"), page.indexOf("<h2>Findings by package</h2>"));
		expect(first).toMatch(/<b>openssl<\/b>[^]*3\.0\.14-1~deb12u2[^]*KEV[^]*1 critical[^]*<b>@shop\/cart<\/b>/);
	});

	it("never calls a report clean that is not complete", () => {
		for (const report of [samples.partialReportWithoutFindings, samples.failedReport]) {
			expect(renderHtml(report)).not.toMatch(/no known vulnerabilities/i);
		}
		expect(renderHtml(samples.cleanReport)).toContain("No known vulnerabilities in 143 packages.");
		const text = renderHtml(samples.partialReport);
		expect(text.indexOf("<h2>Not looked at</h2>")).toBeGreaterThan(0);
		expect(text.indexOf("<h2>Not looked at</h2>")).toBeLessThan(text.indexOf('class="total"'));
	});

	it("tells of an index which platforms have what", () => {
		const page = renderHtml(richIndexReport, { newest });
		expect(page).toMatch(
			/<td>linux\/arm64<div[^]*<td>partial<\/td><td class="number">2<\/td><td class="number">–<\/td>/,
		);
		expect(page).toContain("<dt>Only on</dt><dd>linux/amd64</dd>");
		expect(page.split(">CVE-2026-1001</a>").length).toBe(2);
	});

	it("takes little time and room for many findings", () => {
		const many = manyFindings(20_000);
		const start = performance.now();
		const page = renderHtml(many, { newest });
		expect(performance.now() - start).toBeLessThan(5_000);
		expect(page.length / many.findings.length).toBeLessThan(2_000);
	});

	it.each(["rich", "rich-index", "partial", "clean", "failed", "markup"])("golden: %s", (name) => {
		const file = new URL(`../../../../test/golden/report-${name}.html`, import.meta.url);
		const text = renderHtml(reports[name] ?? samples.cleanReport, { newest });
		if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(file, text);
		expect(existsSync(file), `${file.pathname} is missing: run with UPDATE_GOLDEN=1`).toBe(true);
		expect(text).toBe(readFileSync(file, "utf8"));
	});
});

/** WCAG 2.2, relative luminance and contrast ratio. */
function contrast(a: string, b: string): number {
	const luminance = (colour: string): number => {
		const digits = colour.length === 4 ? colour.slice(1).replace(/./g, "$&$&") : colour.slice(1);
		const [red = 0, green = 0, blue = 0] = [0, 2, 4]
			.map((at) => Number.parseInt(digits.slice(at, at + 2), 16) / 255)
			.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
		return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
	};
	const [high = 0, low = 0] = [luminance(a), luminance(b)].toSorted((x, y) => y - x);
	return (high + 0.05) / (low + 0.05);
}

describe("style", () => {
	const [light = "", dark = "", print = ""] = [...style.matchAll(/:root\{([^}]*)\}/g)].map((match) => match[1] ?? "");
	const colours = (...blocks: readonly string[]): ReadonlyMap<string, string> =>
		new Map(
			blocks.flatMap((block) =>
				[...block.matchAll(/--([a-z-]+):(#[0-9a-f]+)/g)].map((match) => [match[1] ?? "", match[2] ?? ""] as const),
			),
		);
	const themes = { light: colours(light), dark: colours(light, dark), print: colours(light, print) };
	const pairs: readonly (readonly [string, string])[] = [
		...["page", "panel", "sunk"].flatMap(
			(ground) =>
				[
					["ink", ground],
					["soft", ground],
				] as const,
		),
		...["page", "panel"].map((ground) => ["link", ground] as const),
		...severities.map((severity) => [`on-${severity}`, severity] as const),
		["on-kev", "kev"],
		["bad", "panel"],
		...["good", "warn", "bad"].map((word) => [word, `${word}-ground`] as const),
	];

	it.each(Object.entries(themes))("%s: every text has a contrast of 4.5 : 1 on its ground", (_, theme) => {
		for (const [text, ground] of pairs) {
			const [a, b] = [theme.get(text), theme.get(ground)];
			expect(a && b ? contrast(a, b) : 0, `${text} on ${ground}`).toBeGreaterThanOrEqual(4.5);
		}
	});

	it("has no colour but these", () => {
		expect(style.replace(/:root\{[^}]*\}/g, "")).not.toMatch(/#[0-9a-f]{3,8}\b|rgb|hsl/i);
	});
});

const hasBrowser = spawnSync("chromium", ["--version"]).status === 0;

describe.skipIf(!hasBrowser)("in a browser (skipped without chromium)", () => {
	it("makes of hostile text no element, runs nothing and applies the style", { timeout: 60_000 }, () => {
		const folder = mkdtempSync(join(tmpdir(), "plimsoll-html-"));
		onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
		const page = renderHtml(markupReport, { newest });
		const file = join(folder, "report.html");
		writeFileSync(file, page);
		const options = ["--headless", "--no-sandbox", "--disable-gpu", `--user-data-dir=${folder}/profile`];
		const dom = execFileSync("chromium", [...options, "--dump-dom", `file://${file}`], {
			encoding: "utf8",
			stdio: ["ignore", "pipe", "ignore"],
		});
		const count = (text: string): Readonly<Record<string, number>> => {
			const counts: Record<string, number> = {};
			for (const [, name = ""] of text.replace(/<style>[^<]*<\/style>/, "").matchAll(/<([a-z][a-z0-9]*)/g)) {
				counts[name] = (counts[name] ?? 0) + 1;
			}
			return counts;
		};
		expect(count(dom)).toEqual(count(page));
		expect(dom).not.toMatch(/<script|<iframe|<img| onerror=[^&]*>/);
	});
});
