import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { announceEndpoint, findEndpoint, openDataDir } from "../../framework/local/data-dir.ts";

let dir: string;
beforeEach(() => {
	dir = mkdtempSync(join(tmpdir(), "data-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test("a folder of someone else's is refused and left alone", () => {
	writeFileSync(join(dir, "thesis.txt"), "years of work");
	expect(() => openDataDir(dir)).toThrow(/not from a local run/);
	expect(readdirSync(dir)).toEqual(["thesis.txt"]);
});

test("a folder of ours can be emptied; otherwise the data stay", () => {
	openDataDir(dir).release();
	writeFileSync(join(dir, "table"), "items");
	openDataDir(dir).release();
	expect(existsSync(join(dir, "table"))).toBe(true);
	const folder = openDataDir(dir);
	folder.empty();
	expect(existsSync(join(dir, "table"))).toBe(false);
	expect(() => openDataDir(dir)).toThrow(`in use by process ${process.pid}`);
	folder.release();
});

test("a second run is held off; the first lets go", () => {
	const first = openDataDir(dir);
	writeFileSync(join(dir, "table"), "items");
	expect(() => openDataDir(dir)).toThrow(`in use by process ${process.pid}`);
	expect(existsSync(join(dir, "table"))).toBe(true);
	first.release();
	openDataDir(dir).release();
});

test("a run that came to nothing leaves no folder of its own", () => {
	const inner = join(dir, "a", "b");
	openDataDir(inner).release();
	expect(readdirSync(dir)).toEqual([]);
	const used = openDataDir(inner);
	writeFileSync(join(inner, "table"), "items");
	used.release();
	expect(existsSync(join(inner, "table"))).toBe(true);
});

test("a file in the way is refused in words", () => {
	writeFileSync(join(dir, "notes"), "");
	expect(() => openDataDir(join(dir, "notes"))).toThrow(/EEXIST.*--data/);
});

/** In a container each run has the same number: one that was killed leaves that of its successor. */
const left = ["2147483646", "", "not a pid", String(process.pid)];
test.each(left)("a lock left behind is taken over: %j", (content) => {
	openDataDir(dir).release();
	writeFileSync(join(dir, "lock"), content);
	announceEndpoint(dir, "http://127.0.0.1:1");
	expect(findEndpoint(dir)).toBeNull();
	const folder = openDataDir(dir);
	expect(findEndpoint(dir)).toBeNull();
	announceEndpoint(dir, "http://127.0.0.1:2");
	expect(findEndpoint(dir)).toBe("http://127.0.0.1:2");
	folder.release();
	expect(existsSync(join(dir, "lock"))).toBe(false);
});
