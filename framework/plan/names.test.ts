import fc from "fast-check";
import { expect, test } from "vitest";
import { DEFAULT_NAME_PREFIX, NAME_LIMITS, type Names, namesOf, TOKEN_LENGTHS } from "./names.ts";

/** Names of definitions and, with capitals, points and underscores, of Pulumi stacks. Few letters, so that inputs meet. */
const word = fc.stringMatching(/^[ab][ab0]{0,3}$/);
const name = fc
	.array(word, { minLength: 1, maxLength: 9 })
	.map((words) => words.join("-").slice(0, 40).replace(/-$/, ""));
const environment = fc.oneof(word, name, fc.stringMatching(/^[a-bA-B._-]{1,100}$/));

const lengthBound = (text: string): number =>
	Object.entries(TOKEN_LENGTHS).reduce((all, [token, length]) => all.replace(token, "1".repeat(length)), text).length;

test("names are what people expect", () => {
	expect(namesOf("prod").table("orders")).toBe("tributary-prod-orders");
	expect(namesOf("prod").stream("orders")).toBe("tributary-prod-orders");
	expect(namesOf("prod").function("orders", "router")).toBe("tributary-prod-orders--router");
	expect(namesOf("prod").stateTable()).toBe("tributary-prod--state");
	expect(namesOf("prod").bucket("lake")).toBe("tributary-prod-lake-${accountId}-${region}");
	expect(namesOf("prod-eu").function("orders", "lake")).toMatch(/^tributary-prod-eu-orders--lake--0[0-9a-f]{10}$/);
});

test("names that a single hyphen would make one differ", () => {
	expect(namesOf("dev").function("orders", "eu-lake")).not.toBe(namesOf("dev").function("orders-eu", "lake"));
	expect(namesOf("dev-eu").table("orders")).not.toBe(namesOf("dev").table("eu-orders"));
	expect(namesOf("dev").table("state")).not.toBe(namesOf("dev").stateTable());
});

test("every name keeps AWS's limits and patterns", () => {
	fc.assert(
		fc.property(environment, name, name, (env, pipeline, part) => {
			expect(namesOf(env).function(pipeline, part)).toMatch(/^[a-zA-Z0-9-_]{1,64}$/);
			expect(namesOf(env).schedule(pipeline, `${part}--redrive`)).toMatch(/^[a-zA-Z0-9-_.]{1,64}$/);
			for (const table of [namesOf(env).table(pipeline), namesOf(env).stateTable()])
				expect(table).toMatch(/^[a-zA-Z0-9_.-]{3,255}$/);
			for (const stream of [namesOf(env).stream(pipeline), namesOf(env).streamConsumer(pipeline, part)])
				expect(stream).toMatch(/^[a-zA-Z0-9_.-]{1,128}$/);
			for (const id of ["lake", "operations", "exports", part]) {
				const bucket = namesOf(env).bucket(id);
				expect(lengthBound(bucket)).toBeLessThanOrEqual(NAME_LIMITS.bucket);
				expect(bucket).toMatch(/^[a-z0-9][a-z0-9-]+-\$\{accountId\}-\$\{region\}$/);
			}
		}),
	);
});

test("distinct inputs have distinct names", () => {
	const namers: ((names: Names, pipeline: string, part: string) => string)[] = [
		(names, pipeline, part) => names.function(pipeline, part),
		(names, pipeline, part) => names.streamConsumer(pipeline, part),
		(names, pipeline) => names.table(pipeline),
		(names, pipeline) => names.stream(pipeline),
		(names, id) => names.bucket(id),
	];
	fc.assert(
		fc.property(fc.array(fc.tuple(environment, name, name), { minLength: 2, maxLength: 60 }), (inputs) => {
			for (const namer of namers) {
				const distinct = new Set(inputs.map((input) => JSON.stringify(input.slice(0, namer.length))));
				expect(new Set(inputs.map(([env, ...rest]) => namer(namesOf(env), ...rest))).size).toBe(distinct.size);
			}
		}),
	);
});

test("a prefix of one's own stands before every name, whole", () => {
	const names = namesOf("prod", "acme");
	expect(names.function("orders", "lake")).toBe("acme-prod-orders--lake");
	const longest = "a".repeat(20);
	expect(namesOf("production-of-europe", longest).bucket("operations")).toMatch(new RegExp(`^${longest}-`));
	expect(names.table("orders")).not.toBe(namesOf("prod", DEFAULT_NAME_PREFIX).table("orders"));
	for (const wrong of ["", "Acme", "a-b", "a".repeat(21)]) expect(() => namesOf("prod", wrong)).toThrow();
});
