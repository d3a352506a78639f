import { expect, test } from "vitest";
import caught from "./caught.json" with { type: "json" };
import { loadCode } from "./code.ts";
import { drawScenario } from "./draw.ts";
import { MUTANTS } from "./mutants.ts";
import { describeRun } from "./report.ts";
import { runScenario } from "./run.ts";
import { shrink } from "./shrink.ts";

test("a failure is cut down to what it takes, and shown", async () => {
	const name = "records of one item share a call";
	const mutant = MUTANTS.find((one) => one.name === name);
	if (!mutant) throw new Error(`There is no mutant "${name}".`);
	const code = await loadCode(mutant);
	const failing = await runScenario(drawScenario(caught[name]), code);
	const small = await shrink(failing, code);
	expect(small.scenario.faults).toEqual([]);
	expect(small.scenario.writes.length).toBeLessThan(failing.scenario.writes.length);
	expect(small.scenario.writes.length).toBeLessThanOrEqual(4);
	const text = describeRun(small);
	expect(text).toContain(`seed ${failing.scenario.seed}`);
	expect(text).toMatch(/PutRecords r\d+ r\d+/);
	expect(text).toMatch(/!! I2 .* was given r\d+ before r\d+ of the same item/);
});
