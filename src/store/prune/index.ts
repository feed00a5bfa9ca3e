export { pruner } from "./pruner.ts";
