export { type LeaderOptions, leaderLock } from "./leader.ts";
export { scheduleStore } from "./store.ts";
