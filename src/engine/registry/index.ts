export { runCredentialHelper } from "./auth/credential-helper.ts";
export { fileCredentials } from "./auth/docker-config.ts";
export type { SourceDeps } from "./deps.ts";
export { parseReference, type Reference } from "./reference.ts";
export { registrySource } from "./source.ts";
