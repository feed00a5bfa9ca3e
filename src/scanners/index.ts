export { type BuiltinOptions, type BuiltinScanner, builtinScanner } from "./builtin/index.ts";
export type { ImageConnector } from "./builtin/read.ts";
export { type ServeDeps, serveScans } from "./builtin/serve.ts";
