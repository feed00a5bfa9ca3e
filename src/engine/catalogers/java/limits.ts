const mebibyte = 1024 * 1024;

/** What reading one Java archive, with all that is nested in it, may take. */
export const limits = {
	/** Archives within archives: a WAR in an EAR with a fat JAR that holds JARs is four deep. */
	depth: 6,
	/** A manifest with a digest for each of a hundred thousand classes. */
	fileSize: 16 * mebibyte,
	/** Compressed files held until the directory at the archive's end has been read. */
	heldBytes: 32 * mebibyte,
	/** All that is inflated: a second or two by the native code, some fifteen where it has to be done piece by piece. */
	inflatedBytes: 1024 * mebibyte,
	/** Up to here an archive within an archive is inflated in one go, which is five times as fast. */
	oneGo: 8 * mebibyte,
	oneGoInflated: 32 * mebibyte,
	/** JARs within JARs hardly compress; text does by ten. Below this size no ratio is suspicious. */
	ratio: 20,
	ratioFrom: 64 * mebibyte,
	/** Packages and nested archives of one file; the largest have some hundred of each. */
	packages: 50_000,
	archives: 20_000,
};

/** What is left of the limits while one file and its nested archives are read. */
export interface Budget {
	heldBytes: number;
	inflatedBytes: number;
	packages: number;
	archives: number;
}

export function newBudget(): Budget {
	const { heldBytes, inflatedBytes, packages, archives } = limits;
	return { heldBytes, inflatedBytes, packages, archives };
}
