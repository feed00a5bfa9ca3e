import type { PageOf } from "#contract";

/** A page as a route answers it: what Fastify serializes may not be `readonly`. */
export function listed<T>({ items, ...rest }: PageOf<T>): { items: T[]; next: string | null; total?: number } {
	return { ...rest, items: [...items] };
}
