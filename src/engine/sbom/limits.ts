/** The largest document that is read, in bytes. Node's longest text is twice that; real ones reach some 50 MB. */
export const documentLimit = 256 * 1024 * 1024;

/**
 * XML takes several times its size while it is parsed. CycloneDX XML of an image is about as long as the JSON.
 */
export const xmlLimit = 64 * 1024 * 1024;

/** Components of a document; the largest images have some 30,000. */
export const componentLimit = 500_000;

/** Edges of the dependency graph. */
export const edgeLimit = 5_000_000;

/** CycloneDX components within components; generators go two or three deep. */
export const depthLimit = 64;

/** Characters of a name or a version: longer ones are no packages. */
export const nameLimit = 1_024;

/** Files that are kept of one component; Syft lists every file of a package. */
export const pathsLimit = 16;

export const tooManyComponents = `there are more than ${componentLimit.toLocaleString("en")} components; the others are missing`;
export const tooManyEdges = `there are more than ${edgeLimit.toLocaleString("en")} dependencies; what brought a package in may be told wrong`;
export const otherDocuments = "it refers to other documents, which were not read";
