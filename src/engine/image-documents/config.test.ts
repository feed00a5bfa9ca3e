import fc from "fast-check";
import { expect, test } from "vitest";
import { EngineError } from "../errors.ts";
import { parseConfig } from "./config.ts";

const diffId = `sha256:${"a".repeat(64)}`;
const parse = (value: unknown) => parseConfig(Buffer.from(typeof value === "string" ? value : JSON.stringify(value)));

test("platform, diff IDs and history", () => {
	const config = {
		created: "2024-01-01T00:00:00Z",
		architecture: "arm64",
		os: "linux",
		variant: "v8",
		"os.version": "1.2",
		config: { Env: ["PATH=/bin"] },
		rootfs: { type: "layers", diff_ids: [diffId, diffId] },
		history: [
			{ created: "2024-01-01T00:00:00Z", created_by: "COPY a /a", comment: "buildkit" },
			{ created_by: "CMD x", empty_layer: true },
			{},
		],
	};
	expect(parse(config)).toEqual({
		platform: { os: "linux", architecture: "arm64", variant: "v8", osVersion: "1.2" },
		created: "2024-01-01T00:00:00Z",
		diffIds: [diffId, diffId],
		history: [
			{ createdBy: "COPY a /a", emptyLayer: false },
			{ createdBy: "CMD x", emptyLayer: true },
			{ createdBy: "", emptyLayer: false },
		],
	});
});

test("what may be missing", () => {
	expect(parse({ rootfs: { diff_ids: null }, history: null })).toEqual({ platform: null, diffIds: [], history: [] });
	expect(parse({ os: "linux", architecture: "", rootfs: {} }).platform).toBeNull();
});

test.each([
	["nothing", {}],
	["not JSON", "{"],
	["an unfit root", { rootfs: [] }],
	["diff IDs that are no digests", { rootfs: { diff_ids: ["sha256:short"] } }],
	["diff IDs that are no list", { rootfs: { diff_ids: "x" } }],
	["history of another type", { rootfs: {}, history: {} }],
	["an entry of history that is null", { rootfs: {}, history: [null] }],
	["an instruction of another type", { rootfs: {}, history: [{ created_by: 7 }] }],
	["a flag in words", { rootfs: {}, history: [{ empty_layer: "yes" }] }],
	["an os of another type", { rootfs: {}, os: 7 }],
])("%s is image_malformed", (_, json) => {
	expect(() => parse(json)).toThrow(expect.objectContaining({ code: "image_malformed" }));
});

test("any bytes give an image configuration or our error", () => {
	fc.assert(
		fc.property(
			fc.oneof(
				fc.uint8Array(),
				fc.json().map((text) => Buffer.from(`{"rootfs":${text}}`)),
			),
			(bytes) => {
				try {
					parseConfig(bytes);
				} catch (error) {
					expect(error).toBeInstanceOf(EngineError);
				}
			},
		),
	);
});
