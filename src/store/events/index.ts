export { publishIn } from "./publish.ts";
export { type EventStoreOptions, eventStore, type OpenEventStore } from "./store.ts";
