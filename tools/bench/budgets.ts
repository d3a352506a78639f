import { readFileSync, writeFileSync } from "node:fs";
import { scriptOptions } from "../../framework/testing/script-options.ts";
import { buildAll } from "./bundles.ts";

const FILE = new URL("bundle-budgets.json", import.meta.url);

/** Share of its recorded size by which a bundle may grow unnoticed. */
const TOLERANCE = 0.05;

/** Bytes by bundle. */
export type Budgets = Readonly<Record<string, number>>;

export function readBudgets(): Budgets {
	return JSON.parse(readFileSync(FILE, "utf8"));
}

export async function measureBundles(): Promise<Budgets> {
	return Object.fromEntries((await buildAll()).map(({ name, code }) => [name, code.length]));
}

/** What is wrong with the sizes, in words. */
export function outgrown(sizes: Budgets, budgets: Budgets): string[] {
	const known = Object.entries(sizes).flatMap(([name, size]) => {
		const budget = budgets[name];
		if (budget === undefined) return [`${name} has no budget.`];
		if (size <= budget * (1 + TOLERANCE)) return [];
		return [`${name} has ${size} bytes, ${((size / budget - 1) * 100).toFixed(1)} % more than its ${budget}.`];
	});
	const gone = Object.keys(budgets).filter((name) => !(name in sizes));
	return [...known, ...gone.map((name) => `${name} has a budget and is not built.`)];
}

// `npm run bench:budgets` records the sizes anew: after a growth that is worth it, or a saving.
if (import.meta.main) {
	scriptOptions({
		name: "bench:budgets",
		summary: "Records the sizes of the bundles, which may grow by 5 % from then on",
		options: {},
	});
	writeFileSync(FILE, `${JSON.stringify(await measureBundles(), null, "\t")}\n`);
}
