import type { Breach, RuleId, Tree } from "./check.ts";
import { lineAt } from "./imports.ts";
import { isTest } from "./places.ts";
import { blankNonCode } from "./source-text.ts";

interface TextRule {
	readonly rule: RuleId;
	readonly pattern: RegExp;
	readonly applies: (path: string) => boolean;
	readonly message: string;
}

const everywhere = (): boolean => true;

const textRules: readonly TextRule[] = [
	{
		rule: "export-star",
		pattern: /(?<![\w$.#@])export\s+(?:type\s+)?\*/g,
		applies: everywhere,
		message: "Name what is exported: `export *` hides what a module promises.",
	},
	{
		rule: "default-export",
		pattern: /(?<![\w$.#@])export\s+default\b|(?<![\w$.])export\s*\{[^}]*\bas\s+default\b/g,
		applies: (path) => !path.endsWith(".config.ts"),
		message: "Named exports only.",
	},
	{
		rule: "enum",
		pattern: /(?<![\w$.#@])enum\s+[A-Za-z_$][\w$]*\s*\{/g,
		applies: everywhere,
		message: "Use a union of literals: Node cannot strip an enum.",
	},
	{
		rule: "process-env",
		pattern: /\bprocess\s*(?:\.|\?\.)\s*env\b|\bimport\s*\{[^}]*\benv\b[^}]*\}\s*from\s*["']/g,
		applies: (path) => path.startsWith("src/") && !path.startsWith("src/main/") && !isTest(path),
		message: "Only src/main reads the environment; take the value as an option.",
	},
];

export function textBreaches(tree: Tree): readonly Breach[] {
	const breaches: Breach[] = [];
	for (const [path, source] of tree.sources) {
		const code = blankNonCode(source);
		for (const { rule, pattern, applies, message } of textRules) {
			if (!applies(path)) continue;
			for (const match of code.matchAll(pattern))
				breaches.push({ rule, path, line: lineAt(source, match.index), message });
		}
	}
	return breaches;
}
