import type { ScalarEvent } from "js-yaml";
import { mostDepth, mostNodes } from "./limits.ts";

/** A YAML document with the line of everything in it, 1-based. Scalars stay text: `1`, `true` and dates are not converted. */
export type YamlNode = YamlScalar | YamlList | YamlMap;

export interface YamlScalar {
	readonly kind: "scalar";
	readonly line: number;
	/** Null for `null`, `~` and nothing. */
	readonly text: string | null;
}

export interface YamlList {
	readonly kind: "list";
	readonly line: number;
	readonly items: YamlNode[];
}

export interface YamlMap {
	readonly kind: "map";
	readonly line: number;
	readonly entries: YamlEntry[];
}

export interface YamlEntry {
	readonly line: number;
	readonly key: string;
	readonly value: YamlNode;
}

/** What is wrong with a document, and where. */
export class YamlFault extends Error {
	readonly line: number;

	constructor(line: number, message: string, cause?: unknown) {
		super(message, cause === undefined ? undefined : { cause });
		this.line = line;
	}
}

/**
 * Reads one document; null when it is empty. Lists and maps that an alias names are shared, not copied.
 * @throws YamlFault: not YAML, several documents, a tag, a key twice or one that is no text, aliases that stand for too much
 */
export async function readYaml(source: string): Promise<YamlNode | null> {
	const { EVENT_ID, getScalarValue, parseEvents, SCALAR_STYLE, YAMLException } = await import("js-yaml");
	const lineAt = lineCounter(source);
	const events = (() => {
		try {
			return parseEvents(source, { maxDepth: mostDepth });
		} catch (cause) {
			if (!(cause instanceof YAMLException)) throw new YamlFault(1, "it cannot be read as YAML", cause);
			throw new YamlFault((cause.mark?.line ?? 0) + 1, `it is not YAML: ${cause.reason}`, cause);
		}
	})();
	const textOf = (event: ScalarEvent): string | null => {
		const text = getScalarValue(source, event);
		return event.style === SCALAR_STYLE.PLAIN && /^(?:|~|null|Null|NULL)$/.test(text) ? null : text;
	};
	const builder = treeBuilder();
	for (const event of events) {
		if (event.type === EVENT_ID.DOCUMENT) builder.document(lineAt(0));
		else if (event.type === EVENT_ID.POP) builder.close();
		else if (event.type === EVENT_ID.ALIAS)
			builder.alias(source.slice(event.anchorStart, event.anchorEnd), lineAt(event.anchorStart));
		else {
			const start = event.type === EVENT_ID.SCALAR ? event.valueStart : event.start;
			const line = lineAt(Math.max(start, event.anchorStart, event.tagStart));
			if (event.tagStart >= 0) throw new YamlFault(line, "tags (!…) are not understood");
			const anchor = event.anchorStart < 0 ? null : source.slice(event.anchorStart, event.anchorEnd);
			if (event.type === EVENT_ID.SCALAR) builder.add({ kind: "scalar", line, text: textOf(event) }, anchor);
			else if (event.type === EVENT_ID.SEQUENCE) builder.open({ kind: "list", line, items: [] }, anchor);
			else builder.open({ kind: "map", line, entries: [] }, anchor);
		}
	}
	return builder.root();
}

interface Open {
	readonly node: YamlList | YamlMap;
	readonly keys: Set<string>;
	readonly anchor: string | null;
	/** Nodes that there were before it. */
	readonly before: number;
	/** The key that waits for its value. */
	key: { readonly text: string; readonly line: number } | null;
}

interface Anchored {
	readonly node: YamlNode;
	/** Nodes in it, those behind aliases included; null while it is being read. */
	readonly size: number | null;
}

function treeBuilder() {
	const anchors = new Map<string, Anchored>();
	const open: (Open | null)[] = [];
	let root: YamlNode | null = null;
	let documents = 0;
	let nodes = 0;

	const place = (node: YamlNode): void => {
		const parent = open.at(-1);
		if (!parent) root = node;
		else if (parent.node.kind === "list") parent.node.items.push(node);
		else if (parent.key === null) parent.key = keyOf(node, parent.keys);
		else {
			parent.node.entries.push({ line: parent.key.line, key: parent.key.text, value: node });
			parent.key = null;
		}
	};

	return {
		add(node: YamlScalar, anchor: string | null): void {
			place(node);
			nodes += 1;
			if (anchor !== null) anchors.set(anchor, { node, size: 1 });
		},
		open(node: YamlList | YamlMap, anchor: string | null): void {
			place(node);
			if (anchor !== null) anchors.set(anchor, { node, size: null });
			open.push({ node, keys: new Set(), anchor, before: nodes, key: null });
			nodes += 1;
		},
		close(): void {
			const closed = open.pop();
			if (!closed || closed.anchor === null || anchors.get(closed.anchor)?.node !== closed.node) return;
			anchors.set(closed.anchor, { node: closed.node, size: nodes - closed.before });
		},
		document(line: number): void {
			documents += 1;
			if (documents > 1) throw new YamlFault(line, "it holds several YAML documents; one is allowed");
			open.push(null);
		},
		/** Counts what it stands for, so that aliases of aliases end before anybody walks through them. */
		alias(name: string, line: number): void {
			const target = anchors.get(name);
			if (!target) throw new YamlFault(line, `nothing is anchored as &${name.slice(0, 80)} before`);
			if (target.size === null) throw new YamlFault(line, `the alias *${name.slice(0, 80)} stands in what it names`);
			nodes += target.size;
			if (nodes > mostNodes) throw new YamlFault(line, "its aliases stand for more than a file may hold");
			place(target.node);
		},
		root: () => root,
	};
}

function keyOf(node: YamlNode, keys: Set<string>): { readonly text: string; readonly line: number } {
	if (node.kind !== "scalar" || node.text === null) throw new YamlFault(node.line, "a key is not a text");
	if (keys.has(node.text)) throw new YamlFault(node.line, `the key "${node.text.slice(0, 80)}" stands twice`);
	keys.add(node.text);
	return { text: node.text, line: node.line };
}

/** Offsets come in the order of the source, but for nothing (-1), which is where the last one was. */
function lineCounter(source: string): (offset: number) => number {
	let line = 1;
	let seen = 0;
	return (offset) => {
		for (; seen < offset; seen += 1) if (source.charCodeAt(seen) === 0x0a) line += 1;
		return line;
	};
}
