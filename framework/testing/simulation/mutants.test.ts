import { expect, test } from "vitest";
import caught from "./caught.json" with { type: "json" };
import { checkMutation, loadCode } from "./code.ts";
import { trouble } from "./hunt.ts";
import { MUTANTS } from "./mutants.ts";

const seeds: Record<string, number> = caught;

test("a seed is recorded for each planted bug, and for no other", () => {
	expect(MUTANTS.length).toBeGreaterThanOrEqual(20);
	expect(Object.keys(seeds).sort()).toEqual(MUTANTS.map(({ name }) => name).sort());
});

test.each(MUTANTS)(
	"$name",
	async (mutant) => {
		const seed = seeds[mutant.name] ?? 0;
		expect(
			await trouble(seed, await loadCode(mutant)),
			"run npm run simulate:mutants to look for another seed",
		).not.toBeNull();
	},
	120_000,
);

test("the seeds that catch them find nothing in the code as it is", async () => {
	const code = await loadCode();
	for (const seed of new Set(Object.values(seeds))) expect(await trouble(seed, code)).toBeNull();
}, 120_000);

test("a mutation that no longer applies says so", () => {
	const gone = { file: "framework/runtime/answer.ts", from: "there is no such text", to: "" };
	expect(() => checkMutation(gone)).toThrow("holds 0 times, not once");
});
