/** Holds the Markdown files of the checkout against docs-rules.ts; prints each complaint and exits 1 if there is one. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { docsComplaints } from "./docs-rules.ts";

const root = join(import.meta.dirname, "..");
const skipped = /^(?:\.git|\.cache|node_modules|dist|coverage)$/;

const paths = new Set<string>();
const pending = [""];
for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
	for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
		if (folder === "" && skipped.test(entry.name)) continue;
		const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
		paths.add(path);
		if (entry.isDirectory()) pending.push(path);
	}
}

const documents = new Map<string, string>();
for (const path of paths) if (path.endsWith(".md")) documents.set(path, readFileSync(join(root, path), "utf8"));
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: Record<string, string> };

const complaints = docsComplaints({ documents, paths, scripts: new Set(Object.keys(manifest.scripts)) });
for (const complaint of complaints) console.log(complaint);
console.log(`${documents.size} documents, ${complaints.length} complaints`);
if (complaints.length > 0) process.exitCode = 1;
