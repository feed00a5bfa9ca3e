/** A function whose answers are kept, at most `most` at a time: when there are more, all are forgotten. */
export function remembered<K extends string | number, V>(most: number, answer: (key: K) => V): (key: K) => V {
	const known = new Map<K, V>();
	return (key) => {
		const found = known.get(key);
		if (found !== undefined || known.has(key)) return found as V;
		if (known.size >= most) known.clear();
		const value = answer(key);
		known.set(key, value);
		return value;
	};
}
