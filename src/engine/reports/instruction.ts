import { printable } from "./printable.ts";

/**
 * A layer's `created_by` as its author wrote it: builders wrap the instruction in a shell call and mark it as theirs
 * (`/bin/sh -c #(nop) ADD …`, `RUN |1 A=b /bin/sh -c … # buildkit`, `|1 A=b /bin/sh -c …`).
 */
export function instructionOf(createdBy: string): string {
	const text = printable(createdBy).replace(/ # buildkit$/, "");
	const noOperation = /^\/bin\/sh -c #\(nop\) (.*)$/.exec(text);
	if (noOperation) return (noOperation[1] ?? "").trim();
	const run = /^(?:RUN )?(?:\|\d+ .*?)??\/bin\/sh -c (.*)$/.exec(text);
	return run ? `RUN ${run[1] ?? ""}` : text;
}
