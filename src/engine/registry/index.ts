export { runCredentialHelper } from "./auth/credential-helper.ts";
export { fileCredentials } from "./auth/docker-config.ts";
export type { SourceDeps } from "./deps.ts";
export { type PushTarget, pushTarget } from "./push.ts";
export { formatReference, isTag, parseReference, type Reference } from "./reference.ts";
export { openRepository, type Repository } from "./repository.ts";
export { registrySource } from "./source.ts";
