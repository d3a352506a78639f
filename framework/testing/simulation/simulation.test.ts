import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { beforeAll, expect, test } from "vitest";
import { type Code, loadCode } from "./code.ts";
import { allCells, exercisedCells, IMPOSSIBLE } from "./coverage.ts";
import { drawScenario } from "./draw.ts";
import { describeRun } from "./report.ts";
import { runScenario } from "./run.ts";
import { shrink } from "./shrink.ts";

/** Enough to exercise every cell; `npm run simulate` looks further. */
const SEEDS = 500;

let code: Code;
beforeAll(async () => {
	code = await loadCode();
});

test("no scenario breaks a promise, and every fault meets every promise and every kind", async () => {
	const missing = new Set(allCells().filter((cell) => !(cell in IMPOSSIBLE)));
	for (let seed = 1; seed <= SEEDS; seed++) {
		const run = await runScenario(drawScenario(seed), code);
		if (run.facts.violations.length > 0) expect.fail(describeRun(await shrink(run, code)));
		for (const cell of exercisedCells(run)) missing.delete(cell);
	}
	expect([...missing]).toEqual([]);
}, 240_000);

test("an impossible cell is a cell, with a reason", () => {
	const cells = new Set(allCells());
	for (const [cell, reason] of Object.entries(IMPOSSIBLE)) {
		expect(cells).toContain(cell);
		expect(reason).not.toBe("");
	}
});

test("a seed replays exactly", async () => {
	for (const seed of [1, 2, 3, 5, 8]) {
		const [one, other] = [await runScenario(drawScenario(seed), code), await runScenario(drawScenario(seed), code)];
		expect(one.trace.length).toBeGreaterThan(20);
		expect(one.hash).toBe(other.hash);
	}
	expect((await runScenario(drawScenario(1), code)).hash).not.toBe((await runScenario(drawScenario(2), code)).hash);
});

test("a run leaves nothing behind, so that any number of seeds fits into memory", async () => {
	setFlagsFromString("--expose-gc");
	const collect = runInNewContext("gc");
	const worlds: WeakRef<object>[] = [];
	for (let seed = 1; seed <= 20; seed++) worlds.push(new WeakRef((await runScenario(drawScenario(seed), code)).world));
	// What a run left to the event loop is through.
	await new Promise(setImmediate);
	collect();
	expect(worlds.flatMap((world, index) => (world.deref() ? [index + 1] : []))).toEqual([]);
});
