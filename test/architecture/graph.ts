/** Strongly connected components of more than one node, and nodes that point at themselves (Tarjan 1972), sorted. */
export function cyclesOf(edges: ReadonlyMap<string, ReadonlySet<string>>): readonly (readonly string[])[] {
	const order = new Map<string, number>();
	const low = new Map<string, number>();
	const stack: string[] = [];
	const cycles: string[][] = [];

	const visit = (node: string): number => {
		const index = order.size;
		order.set(node, index);
		low.set(node, index);
		stack.push(node);
		let reach = index;
		for (const target of edges.get(node) ?? []) {
			if (!order.has(target)) reach = Math.min(reach, visit(target));
			else if (stack.includes(target)) reach = Math.min(reach, low.get(target) ?? index);
			low.set(node, reach);
		}
		if (reach < index) return reach;
		const component = stack.splice(stack.indexOf(node)).sort();
		if (component.length > 1 || edges.get(node)?.has(node)) cycles.push(component);
		return reach;
	};
	for (const node of edges.keys()) if (!order.has(node)) visit(node);
	return cycles.sort((a, b) => ((a[0] ?? "") < (b[0] ?? "") ? -1 : 1));
}
