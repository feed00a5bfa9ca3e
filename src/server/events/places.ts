import type { Id } from "#contract";
import { ServerError } from "../errors.ts";

export interface PlaceLimits {
	readonly perUser: number;
	readonly inAll: number;
	/** What somebody can do who gets none. */
	readonly hint: string;
}

/** Counts open streams in this process. Gives what gives the place back. @throws ServerError too_many_requests */
export function streamPlaces({ perUser, inAll, hint }: PlaceLimits): (user: Id) => () => void {
	const open = new Map<Id, number>();
	let all = 0;
	return (user) => {
		const own = open.get(user) ?? 0;
		if (own >= perUser || all >= inAll)
			throw new ServerError(
				"too_many_requests",
				own >= perUser ? `You have ${own} such streams open already.` : "Too many streams are open.",
				hint,
			);
		open.set(user, own + 1);
		all++;
		let left = false;
		return () => {
			if (left) return;
			left = true;
			all--;
			const others = (open.get(user) ?? 1) - 1;
			if (others === 0) open.delete(user);
			else open.set(user, others);
		};
	};
}
