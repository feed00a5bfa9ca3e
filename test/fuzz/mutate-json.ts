/** Changes JSON as a tree: the result is JSON again, of another shape. */
import type { Random } from "./random.ts";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Where a value hangs in its tree. */
interface Place {
	readonly holder: Json[] | { [key: string]: Json };
	readonly key: string | number;
}

/** A changed copy; null when `input` is no JSON object or list. */
export function mutatedJson(
	input: Uint8Array,
	other: Uint8Array,
	random: Random,
	words: readonly string[],
): Uint8Array | null {
	const root = parsed(input);
	if (typeof root !== "object" || root === null) return null;
	const tree: { [key: string]: Json } = { root };
	for (let left = random.few(8); left > 0; left--) change(tree, other, random, words);
	return Buffer.from(JSON.stringify(tree["root"] ?? null));
}

function parsed(bytes: Uint8Array): Json {
	try {
		return JSON.parse(Buffer.from(bytes).toString()) as Json;
	} catch {
		return null;
	}
}

function change(tree: { [key: string]: Json }, other: Uint8Array, random: Random, words: readonly string[]): void {
	const places = placesIn(tree);
	const { holder, key } = places[random.below(places.length)] ?? { holder: tree, key: "root" };
	const value = valueAt({ holder, key });
	switch (random.below(7)) {
		case 0:
			put(holder, key, strange(random, words));
			break;
		case 1:
			if (Array.isArray(holder)) holder.splice(Number(key), 1);
			else if (holder !== tree) delete holder[key];
			break;
		case 2:
			if (Array.isArray(holder)) holder.splice(Number(key), 0, ...copies(value, random));
			else put(holder, wordOr(random, words, `${key}`), value);
			break;
		case 3:
			put(holder, key, borrowed(other, random));
			break;
		case 4:
			put(holder, key, wrapped(value, random));
			break;
		case 5:
			if (Array.isArray(value)) value.push(...copies(strange(random, words), random));
			else if (typeof value === "object" && value !== null) put(value, anyKey(random, words), strange(random, words));
			else put(holder, key, strange(random, words));
			break;
		default:
			put(holder, key, typeof value === "string" ? otherText(value, random, words) : strange(random, words));
	}
}

/** Places of a tree, root first; of huge trees only some. */
function placesIn(tree: { [key: string]: Json }): Place[] {
	const places: Place[] = [];
	const open: (Json[] | { [key: string]: Json })[] = [tree];
	for (let holder = open.pop(); holder !== undefined && places.length < 5000; holder = open.pop()) {
		for (const key of Object.keys(holder)) {
			const place = { holder, key: Array.isArray(holder) ? Number(key) : key };
			places.push(place);
			const value = valueAt(place);
			if (typeof value === "object" && value !== null) open.push(value);
		}
	}
	return places;
}

function valueAt({ holder, key }: Place): Json {
	return (Array.isArray(holder) ? holder[Number(key)] : holder[key]) ?? null;
}

/** As a property of its own, `__proto__` included. */
function put(holder: Json[] | { [key: string]: Json }, key: string | number, value: Json): void {
	Object.defineProperty(holder, key, { value, writable: true, enumerable: true, configurable: true });
}

const texts = [
	"",
	" ",
	"\0",
	"\n",
	"\u001b[31m",
	"\ud800",
	"\u202e",
	"é",
	"../../etc/passwd",
	"__proto__",
	"0",
] as const;
const numbers = [0, -1, 1, 0.5, 1e308, -0, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 53)] as const;

function strange(random: Random, words: readonly string[]): Json {
	switch (random.below(8)) {
		case 0:
			return null;
		case 1:
			return random.once(2);
		case 2:
			return random.pick(numbers);
		case 3:
			return random.pick(texts);
		case 4:
			return random.once(2) ? [] : {};
		case 5:
			return "x".repeat(random.pick([100, 300, 1025, 5000, 20_000]));
		case 6:
			return wordOr(random, words, "x");
		default:
			return Array.from({ length: random.few(10) }, () => random.pick(texts));
	}
}

function anyKey(random: Random, words: readonly string[]): string {
	return random.once(4)
		? random.pick(["__proto__", "constructor", "toString", "length", ""])
		: wordOr(random, words, "key");
}

function wordOr(random: Random, words: readonly string[], otherwise: string): string {
	return words[random.below(words.length)] ?? otherwise;
}

function otherText(text: string, random: Random, words: readonly string[]): string {
	const at = random.below(text.length + 1);
	const added = random.once(2) ? random.pick(texts) : wordOr(random, words, "-");
	if (random.once(8)) return text.repeat(random.pick([2, 50, 400])).slice(0, 20_000);
	return text.slice(0, at) + added + text.slice(random.once(2) ? at : at + random.few(8));
}

/** Some, now and then a thousand. */
function copies(value: Json, random: Random): Json[] {
	const size = JSON.stringify(value).length;
	const most = random.once(8) ? 1000 : random.few(8);
	return Array.from({ length: Math.max(1, Math.min(most, Math.floor(50_000 / size))) }, () => structuredClone(value));
}

function wrapped(value: Json, random: Random): Json {
	let result = value;
	for (let left = random.once(8) ? 300 : random.few(6); left > 0; left--)
		result = random.once(2) ? [result] : { a: result };
	return result;
}

function borrowed(other: Uint8Array, random: Random): Json {
	const root = parsed(other);
	if (typeof root !== "object" || root === null) return root;
	const places = placesIn({ root });
	const place = places[random.below(places.length)];
	return place ? valueAt(place) : root;
}
