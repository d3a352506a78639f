import { expect, test } from "vitest";
import { measureBundles, outgrown, readBudgets } from "../../tools/bench/budgets.ts";

test("no bundle outgrows its budget by more than 5 %; `npm run bench:budgets` records them anew", async () => {
	expect(outgrown(await measureBundles(), readBudgets())).toEqual([]);
});

test("a budget can be outgrown", () => {
	expect(outgrown({ lake: 105 }, { lake: 100 })).toEqual([]);
	expect(outgrown({ lake: 106 }, { lake: 100 })).toEqual(["lake has 106 bytes, 6.0 % more than its 100."]);
	expect(outgrown({ router: 1 }, { lake: 1 })).toEqual([
		"router has no budget.",
		"lake has a budget and is not built.",
	]);
});
