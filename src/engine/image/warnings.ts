import type { Warning } from "#model";

/** Gathers warnings up to a number and counts the rest: hostile content must not fill the report. */
export class WarningList {
	private readonly kept: Warning[] = [];
	private readonly most: number;
	private more = 0;

	constructor(most: number) {
		this.most = most;
	}

	add(warning: Warning): void {
		if (this.kept.length < this.most) this.kept.push(warning);
		else this.more++;
	}

	/** The warnings, and one that tells how many were left out. */
	all(): readonly Warning[] {
		if (this.more === 0) return this.kept;
		const message = `${this.more} more warnings of this layer are not listed.`;
		return [...this.kept, { code: "entry_malformed", message }];
	}
}
