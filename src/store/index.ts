export { type Db, type OpenedDatabase, openDatabase } from "./database.ts";
export { type EmbeddedPostgres, startEmbeddedPostgres } from "./embedded/server.ts";
export { StoreError, type StoreErrorCode, storeErrorCodes } from "./errors.ts";
export { migrate } from "./migrate.ts";
