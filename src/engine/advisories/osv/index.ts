/** The OSV feed: buckets of zips, zips of records, records into the model. */
export { type Bucket, type BucketZip, baseOf, chooseEcosystems, nothingWanted, publicOsvBucket } from "./bucket.ts";
export { folderBucket } from "./folder-bucket.ts";
export { httpBucket } from "./http-bucket.ts";
export { type OsvProblem, type OsvRecord, translateOsv } from "./translate.ts";
export { type ZipRecord, zipRecords } from "./zip.ts";
