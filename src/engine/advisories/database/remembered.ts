/**
 * A function whose answers are kept, until they weigh more than `most` together: then all are forgotten. Without `weigh`
 * each answer weighs 1.
 */
export function remembered<K extends string | number, V>(
	most: number,
	answer: (key: K) => V,
	weigh: (value: V) => number = () => 1,
): (key: K) => V {
	const known = new Map<K, V>();
	let weight = 0;
	return (key) => {
		const found = known.get(key);
		if (found !== undefined || known.has(key)) return found as V;
		const value = answer(key);
		weight += weigh(value);
		if (weight > most) {
			known.clear();
			weight = weigh(value);
		}
		known.set(key, value);
		return value;
	};
}
