export { writeSampleImage } from "./sample-image.ts";
export { buildStarterDatabase } from "./starter-database.ts";
