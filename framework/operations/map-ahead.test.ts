import { expect, test } from "vitest";
import { mapAhead } from "./map-ahead.ts";

async function* count(to: number): AsyncGenerator<number> {
	for (let number = 1; number <= to; number++) yield number;
}

test("results come in their order, with so many on their way at once and no more", async () => {
	let under = 0;
	let most = 0;
	const results: number[] = [];
	const square = async (number: number): Promise<number> => {
		under += 1;
		most = Math.max(most, under);
		// The later ones are done first.
		for (let turn = number; turn < 10; turn++) await null;
		under -= 1;
		return number * number;
	};
	for await (const result of mapAhead(count(9), 3, square)) results.push(result);
	expect(results).toEqual([1, 4, 9, 16, 25, 36, 49, 64, 81]);
	expect(most).toBeGreaterThan(1);
	expect(most).toBeLessThanOrEqual(3);
});

test("a failure is heard behind what came before it", async () => {
	const results: number[] = [];
	const failing = async (): Promise<void> => {
		for await (const result of mapAhead(count(5), 4, async (number) => {
			if (number === 3) throw new Error("three");
			return number;
		}))
			results.push(result);
	};
	await expect(failing()).rejects.toThrow("three");
	expect(results).toEqual([1, 2]);
});
