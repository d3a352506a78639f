import type { Code } from "./code.ts";
import { type Run, runScenario } from "./run.ts";
import type { Scenario } from "./scenario.ts";

/** Runs that a failing scenario is worth. */
const MOST_RUNS = 300;

/** A failing scenario cut down to what it takes: fewer faults, fewer writes, fewer consumers; the breach of the same promise stays. */
export async function shrink(failing: Run, code: Code): Promise<Run> {
	const invariant = failing.facts.violations[0]?.invariant;
	let best = failing;
	let runs = 0;
	const better = async (scenario: Scenario): Promise<boolean> => {
		if (++runs > MOST_RUNS) return false;
		const run = await runScenario(scenario, code).catch(() => null);
		if (!run?.facts.violations.some((violation) => violation.invariant === invariant)) return false;
		best = run;
		return true;
	};
	await shrinkList("faults", () => best.scenario, better);
	await shrinkList("writes", () => best.scenario, better);
	await shrinkList("consumers", () => best.scenario, better);
	if (best.scenario.lake) await better({ ...best.scenario, lake: null });
	await shrinkList("faults", () => best.scenario, better);
	return best;
}

/** Takes out ever smaller pieces of a list as long as it still fails. */
async function shrinkList(
	key: "faults" | "writes" | "consumers",
	scenario: () => Scenario,
	better: (scenario: Scenario) => Promise<boolean>,
): Promise<void> {
	for (let size = Math.ceil(scenario()[key].length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2))
		for (let start = 0; start < scenario()[key].length; ) {
			const list: unknown[] = scenario()[key];
			const rest = [...list.slice(0, start), ...list.slice(start + size)];
			const possible = key === "faults" || rest.length > 0;
			if (!(possible && (await better({ ...scenario(), [key]: rest })))) start += size;
		}
}
