export { openRegistry, type RegistryAnswer, type RegistryApi } from "./api.ts";
export { runCredentialHelper } from "./auth/credential-helper.ts";
export { anonymous, type CredentialProvider, type Credentials } from "./auth/credentials.ts";
export { fileCredentials } from "./auth/docker-config.ts";
export type { RegistryDeps, RegistryPlace, SourceDeps } from "./deps.ts";
export { type PushTarget, pushTarget } from "./push.ts";
export { formatReference, isHost, isRepository, isTag, parseReference, type Reference } from "./reference.ts";
export { openRepository, type Repository } from "./repository.ts";
export { registrySource } from "./source.ts";
