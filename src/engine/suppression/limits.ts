/** Bytes of a VEX document: Red Hat's largest, on flaws in everything that speaks HTTP/2, are some 10 to 20 MB. */
export const mostVexBytes = 32 * 1024 * 1024;
/** Bytes of an ignore file: some 20,000 entries. A YAML reader needs up to 200 times as much memory. */
export const mostIgnoreBytes = 4 * 1024 * 1024;
/** Nesting of JSON: real documents have some 30 levels. */
export const mostDepth = 200;
/** Objects and lists of a JSON document. A feed of 100,000 statements has some 500,000. */
export const mostContainers = 2_000_000;
export const mostStatements = 100_000;
/** Places that all statements of a file name together: products times components. */
export const mostScopes = 1_000_000;
/** Names of one vulnerability. */
export const mostNames = 1000;
export const mostNameLength = 200;
export const mostPurlLength = 2000;
export const mostPatternLength = 500;
export const mostReasonLength = 2000;
/** Values in a YAML file, each as often as an alias repeats it. A file without aliases has fewer. */
export const mostNodes = 4_000_000;
