export { type CurrentAdvisories, currentAdvisories } from "./current.ts";
export { advisoryService } from "./service.ts";
export { type SnapshotFiles, snapshotFiles } from "./snapshot-files.ts";
