import type { Code } from "./code.ts";
import { drawScenario } from "./draw.ts";
import { runScenario } from "./run.ts";

/** What a run of one seed says: the first broken promise, or that the code under it threw; null when all is well. */
export async function trouble(seed: number, code: Code): Promise<string | null> {
	try {
		const { facts } = await runScenario(drawScenario(seed), code);
		const [first] = facts.violations;
		return first ? `${first.invariant} ${first.text}` : null;
	} catch (error) {
		return `threw ${(error as Error).message}`;
	}
}
