import fc from "fast-check";
import { expect, test } from "vitest";
import {
	bucketName,
	functionName,
	NAME_LIMITS,
	stateTableName,
	streamConsumerName,
	streamName,
	TOKEN_LENGTHS,
	tableName,
} from "./names.ts";

/** Names of definitions and, with capitals, points and underscores, of Pulumi stacks. Few letters, so that inputs meet. */
const word = fc.stringMatching(/^[ab][ab0]{0,3}$/);
const name = fc
	.array(word, { minLength: 1, maxLength: 9 })
	.map((words) => words.join("-").slice(0, 40).replace(/-$/, ""));
const environment = fc.oneof(word, name, fc.stringMatching(/^[a-bA-B._-]{1,100}$/));

const lengthBound = (text: string): number =>
	Object.entries(TOKEN_LENGTHS).reduce((all, [token, length]) => all.replace(token, "1".repeat(length)), text).length;

test("names are what people expect", () => {
	expect(tableName("prod", "orders")).toBe("tributary-prod-orders");
	expect(streamName("prod", "orders")).toBe("tributary-prod-orders");
	expect(functionName("prod", "orders", "router")).toBe("tributary-prod-orders--router");
	expect(stateTableName("prod")).toBe("tributary-prod--state");
	expect(bucketName("prod", "lake")).toBe("tributary-prod-lake-${accountId}-${region}");
	expect(functionName("prod-eu", "orders", "lake")).toMatch(/^tributary-prod-eu-orders--lake--0[0-9a-f]{10}$/);
});

test("names that a single hyphen would make one differ", () => {
	expect(functionName("dev", "orders", "eu-lake")).not.toBe(functionName("dev", "orders-eu", "lake"));
	expect(tableName("dev-eu", "orders")).not.toBe(tableName("dev", "eu-orders"));
	expect(tableName("dev", "state")).not.toBe(stateTableName("dev"));
});

test("every name keeps AWS's limits and patterns", () => {
	fc.assert(
		fc.property(environment, name, name, (env, pipeline, part) => {
			expect(functionName(env, pipeline, part)).toMatch(/^[a-zA-Z0-9-_]{1,64}$/);
			for (const table of [tableName(env, pipeline), stateTableName(env)])
				expect(table).toMatch(/^[a-zA-Z0-9_.-]{3,255}$/);
			for (const stream of [streamName(env, pipeline), streamConsumerName(env, pipeline, part)])
				expect(stream).toMatch(/^[a-zA-Z0-9_.-]{1,128}$/);
			for (const id of ["lake", "operations", "exports", part]) {
				const bucket = bucketName(env, id);
				expect(lengthBound(bucket)).toBeLessThanOrEqual(NAME_LIMITS.bucket);
				expect(bucket).toMatch(/^[a-z0-9][a-z0-9-]+-\$\{accountId\}-\$\{region\}$/);
			}
		}),
	);
});

test("distinct inputs have distinct names", () => {
	const namers = [
		functionName,
		streamConsumerName,
		(env: string, pipeline: string) => tableName(env, pipeline),
		(env: string, pipeline: string) => streamName(env, pipeline),
		(env: string, id: string) => bucketName(env, id),
	];
	fc.assert(
		fc.property(fc.array(fc.tuple(environment, name, name), { minLength: 2, maxLength: 60 }), (inputs) => {
			for (const namer of namers) {
				const distinct = new Set(inputs.map((input) => JSON.stringify(input.slice(0, Math.max(2, namer.length)))));
				expect(new Set(inputs.map((input) => namer(...input))).size).toBe(distinct.size);
			}
		}),
	);
});
