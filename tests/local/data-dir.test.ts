import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openDataDir } from "../../framework/local/data-dir.ts";

let dir: string;
beforeEach(() => {
	dir = mkdtempSync(join(tmpdir(), "data-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test("a folder of someone else's is refused and left alone, even with fresh", () => {
	writeFileSync(join(dir, "thesis.txt"), "years of work");
	expect(() => openDataDir(dir, true)).toThrow(/not from a local run/);
	expect(readdirSync(dir)).toEqual(["thesis.txt"]);
});

test("fresh empties a folder of ours; without it the data stay", () => {
	openDataDir(dir, false)();
	writeFileSync(join(dir, "table"), "items");
	openDataDir(dir, false)();
	expect(existsSync(join(dir, "table"))).toBe(true);
	openDataDir(dir, true)();
	expect(existsSync(join(dir, "table"))).toBe(false);
});

test("a second run is held off, also from emptying; the first lets go", () => {
	const release = openDataDir(dir, false);
	writeFileSync(join(dir, "table"), "items");
	expect(() => openDataDir(dir, true)).toThrow(`in use by process ${process.pid}`);
	expect(existsSync(join(dir, "table"))).toBe(true);
	release();
	openDataDir(dir, false)();
});

test.each(["2147483646", "", "not a pid"])("a lock left behind is taken over: %j", (content) => {
	openDataDir(dir, false)();
	writeFileSync(join(dir, "lock"), content);
	openDataDir(dir, false)();
	expect(existsSync(join(dir, "lock"))).toBe(false);
});
