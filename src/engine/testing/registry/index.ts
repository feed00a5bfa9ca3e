export type { FakeAuth } from "./auth.ts";
export { descriptorOf, stored, testImage, testIndex } from "./content.ts";
export { type FakeOptions, type FakeRegistry, startFakeRegistry } from "./fake-registry.ts";
