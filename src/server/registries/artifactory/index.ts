export { artifactoryConnector } from "./connector.ts";
export { checkArtifactory } from "./settings.ts";
