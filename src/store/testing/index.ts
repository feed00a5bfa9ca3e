export { type DebianPostgres, startDebianPostgres } from "./debian-postgres.ts";
export { type TestDatabase, testDatabase } from "./postgres.ts";
