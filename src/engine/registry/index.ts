export { runCredentialHelper } from "./credential-helper.ts";
export type { SourceDeps } from "./deps.ts";
export { fileCredentials } from "./docker-config.ts";
export { parseReference, type Reference } from "./reference.ts";
export { registrySource } from "./source.ts";
