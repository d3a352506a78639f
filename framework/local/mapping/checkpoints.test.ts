import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Checkpoints, openCheckpoints } from "./checkpoints.ts";

let dir: string;
let file: string;
beforeEach(() => {
	dir = mkdtempSync(join(tmpdir(), "checkpoints-"));
	file = join(dir, "mappings", "lake.json");
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const open = (stream = "arn:one"): Checkpoints => openCheckpoints(file, stream, 1000);
const at = (sequenceNumber: string) => ({ type: "AFTER_SEQUENCE_NUMBER", sequenceNumber }) as const;

test("positions are there again; another stream begins anew", async () => {
	const first = open();
	for (const number of ["1", "2", "3"]) first.set("shard", at(number));
	await first.flush();
	expect(open().get("shard")).toEqual(at("3"));
	expect(open("arn:two").get("shard")).toBeUndefined();
	expect(open("arn:one").get("shard")).toBeUndefined();
});

test("a position that cannot be written fails the flush, not the process; once there is room it is written", async () => {
	const checkpoints = open();
	rmSync(join(dir, "mappings"), { recursive: true });
	checkpoints.set("shard", at("1"));
	await expect(checkpoints.flush()).rejects.toThrow("ENOENT");
	openCheckpoints(file, "arn:one", 1000);
	await checkpoints.flush();
	expect(JSON.parse(readFileSync(file, "utf8")).shards).toEqual({ shard: at("1") });
});

test("a damaged file is told by its name, with what to do", () => {
	open();
	writeFileSync(file, "");
	expect(() => open()).toThrow(/lake\.json is damaged.*Delete it.*--fresh/);
});
