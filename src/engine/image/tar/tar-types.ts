/** The type flags of tar headers (POSIX ustar, GNU, PAX) and what they mean. */

export type EntryKind = "file" | "directory" | "symlink" | "hardlink" | "other";

export const typeFlags = {
	hardLink: 0x31,
	symbolicLink: 0x32,
	fifo: 0x36,
	folder: 0x35,
	contiguous: 0x37,
	regular: 0x30,
	oldRegular: 0,
	longLink: 0x4b,
	longName: 0x4c,
	gnuSparse: 0x53,
	paxGlobal: 0x67,
	pax: 0x78,
} as const;

/** A V7 file whose path ends in a slash is a folder. */
export function kindOf(flag: number, path: string): EntryKind {
	switch (flag) {
		case typeFlags.oldRegular:
			return path.endsWith("/") ? "directory" : "file";
		case typeFlags.regular:
		case typeFlags.contiguous:
		case typeFlags.gnuSparse:
			return "file";
		case typeFlags.hardLink:
			return "hardlink";
		case typeFlags.symbolicLink:
			return "symlink";
		case typeFlags.folder:
			return "directory";
		default:
			return "other";
	}
}

/** Links, devices, folders and pipes (1 to 6) have none, whatever their size field says. Unknown types have. */
export function hasBody(kind: EntryKind, flag: number): boolean {
	return kind === "file" || (kind === "other" && (flag < typeFlags.hardLink || flag > typeFlags.fifo));
}
