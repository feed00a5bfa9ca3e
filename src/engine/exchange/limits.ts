/** The largest database that is taken in, uncompressed: ten times what trivy-db and our own snapshots have in the field. */
export const mostDatabaseBytes = 8 * 2 ** 30;
