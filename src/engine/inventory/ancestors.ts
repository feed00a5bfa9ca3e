/** The folders above a path, nearest first, without the root: `a/b/c` → `a/b`, `a`. */
export function ancestors(path: string): string[] {
	const found: string[] = [];
	for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) found.push(path.slice(0, at));
	return found;
}
