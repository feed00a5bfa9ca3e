import { compareText } from "#model";

/** Longer chains are cut: their near end is what a reader can act on. Real ones have up to some 20 links. */
const chainLimit = 32;

/**
 * For each node the chain that brought it in, nearest first, up to a root (a node that no other needs). Of several chains
 * it is a shortest one, and of those the one whose nodes come first by label, so that the answer does not depend on the
 * order of the nodes. In a circle that no root leads to, the first by label stands for the root. Linear but for sorting.
 * `needs[i]` are the nodes that node i needs.
 */
export function dependencyChains(
	labels: readonly string[],
	needs: readonly (readonly number[])[],
): readonly (readonly number[])[] {
	const byLabel = labels.map((_, node) => node).sort((a, b) => compareText(labels[a] ?? "", labels[b] ?? ""));
	const rank = new Uint32Array(labels.length);
	for (const [place, node] of byLabel.entries()) rank[node] = place;
	const parent = nearestParents(byLabel, rank, needs);
	return labels.map((_, node) => {
		const chain: number[] = [];
		for (let at = parent[node] ?? none; at !== none && chain.length < chainLimit; at = parent[at] ?? none)
			chain.push(at);
		return chain;
	});
}

const none = -1;

/** The node through which each is reached from a root; -1 for roots. */
function nearestParents(
	byLabel: readonly number[],
	rank: Uint32Array,
	needs: readonly (readonly number[])[],
): Int32Array {
	const parent = new Int32Array(rank.length).fill(none);
	const reached = new Uint8Array(rank.length);
	const needed = new Uint8Array(rank.length);
	for (const [node, list] of needs.entries()) for (const one of list) if (one !== node) needed[one] = 1;

	/** Goes down level by level; each level is sorted, so that the first to reach a node is the first by label. */
	function descend(roots: readonly number[]): void {
		let level: number[] = [];
		for (const root of roots) {
			reached[root] = 1;
			level.push(root);
		}
		while (level.length > 0) {
			const next: number[] = [];
			for (const node of level) {
				for (const one of needs[node] ?? []) {
					if (reached[one] === 1) continue;
					reached[one] = 1;
					parent[one] = node;
					next.push(one);
				}
			}
			level = next.sort((a, b) => (rank[a] ?? 0) - (rank[b] ?? 0));
		}
	}

	descend(byLabel.filter((node) => needed[node] === 0));
	for (const node of byLabel) if (reached[node] === 0) descend([node]);
	return parent;
}
