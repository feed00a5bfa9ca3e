export { layoutConnector } from "./connector.ts";
export { checkLayout } from "./settings.ts";
