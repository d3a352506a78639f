import { beforeAll, expect, test } from "vitest";
import { type Code, loadCode } from "./code.ts";
import { drawScenario } from "./draw.ts";
import { describeRun } from "./report.ts";
import { runScenario } from "./run.ts";
import { shrink } from "./shrink.ts";

/** Enough to meet every cell; `npm run simulate` looks further. */
const SEEDS = 300;

let code: Code;
beforeAll(async () => {
	code = await loadCode();
});

test("no scenario breaks a promise", async () => {
	for (let seed = 1; seed <= SEEDS; seed++) {
		const run = await runScenario(drawScenario(seed), code);
		if (run.facts.violations.length > 0) expect.fail(describeRun(await shrink(run, code)));
	}
}, 120_000);

test("a seed replays exactly", async () => {
	for (const seed of [1, 2, 3, 5, 8]) {
		const [one, other] = [await runScenario(drawScenario(seed), code), await runScenario(drawScenario(seed), code)];
		expect(one.trace.length).toBeGreaterThan(20);
		expect(one.hash).toBe(other.hash);
	}
	expect((await runScenario(drawScenario(1), code)).hash).not.toBe((await runScenario(drawScenario(2), code)).hash);
});
