export { distributionConnector } from "./connector.ts";
export { checkDistribution } from "./settings.ts";
