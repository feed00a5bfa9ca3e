/** For tests only. */
export { type SseClient, type SseFrame, type SseOptions, sseClient, sseParser } from "./sse.ts";
