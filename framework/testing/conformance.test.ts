import { readdirSync, readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { definitions } from "../../consumers/definitions.ts";
import { deliverers } from "../../consumers/deliverers.ts";
import type { AnyConsumerDefinition } from "../contract/consumer-definition.ts";
import type { AnyDeliverer } from "../contract/deliver.ts";
import {
	carried,
	deliveredOutOfOrder,
	namedChange,
	outsideHosts,
	readCases,
	readExample,
	resolveAnswer,
	schemaFaults,
	settle,
} from "./conformance.ts";
import { type Answer, fakeOutside, STRANGERS_WORDS } from "./fake-outside.ts";

const consumers = new URL("../../consumers/", import.meta.url);
const folders = readdirSync(consumers, { withFileTypes: true }).filter((entry) => entry.isDirectory());
const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

test("every folder under consumers is in both registries", () => {
	const names = folders.map((folder) => folder.name).sort();
	expect(Object.keys(definitions).sort()).toEqual(names);
	expect(Object.keys(deliverers).sort()).toEqual(names);
});

/** Answers of all sorts, for SDK commands and requests alike. */
const anyAnswer: fc.Arbitrary<Answer> = fc.oneof(
	fc.constantFrom<Answer>({}, { status: 204 }, { status: 400 }, { status: 429 }, { status: 500 }, { status: 302 }),
	fc
		.constantFrom("TimeoutError", "TypeError", "SlowDown", "RequestTooLargeException", "Exotic")
		.map((error) => ({ error })),
	fc.constant<Answer>({ response: { FunctionError: "Unhandled" } }),
	fc
		.constantFrom("$a1", "$b2", "", "unknown")
		.map((id) => ({ bytes: { Payload: JSON.stringify({ batchItemFailures: [{ itemIdentifier: id }] }) } })),
);

/** Some records of three items, each item's in order. */
const someRecords = fc
	.array(fc.tuple(fc.constantFrom("a", "b", "c"), fc.constantFrom("", "@10", "@11")), { minLength: 1, maxLength: 8 })
	.map((wishes) =>
		wishes.map(
			([item, hour], index) => `${item}${wishes.slice(0, index).filter(([other]) => other === item).length + 1}${hour}`,
		),
	);

describe.each(Object.keys(definitions) as (keyof typeof definitions)[])("kind %s", (kind) => {
	const definition: AnyConsumerDefinition = definitions[kind];
	const deliverer: AnyDeliverer = deliverers[kind];
	const examples = definition.examples.map(({ title, yaml }) => ({ title, consumer: readExample(yaml) }));
	const cases = readCases(readFileSync(new URL(`${kind}/cases.yaml`, consumers), "utf8"));

	test("is named as its folder and says what it is", () => {
		expect(definition.kind).toBe(kind);
		expect(definition.summary).not.toContain("\n");
		expect(definition.description).not.toBe("");
		expect(examples).not.toEqual([]);
	});

	test("has a closed schema with every property described", () => {
		expect(schemaFaults(definition.schema)).toEqual([]);
	});

	test.each(examples)("example: $title", ({ consumer }) => {
		expect(consumer.kind).toBe(kind);
		const { given, contribution, context } = settle(definition, consumer.with);
		expect(definition.check?.(given, context) ?? []).toEqual([]);
		expect(contribution.target).not.toBe("");
		expect(JSON.parse(JSON.stringify(contribution.settings))).toEqual(contribution.settings);
		for (const secret of contribution.secrets) expect(secret).toMatch(/^(secretsmanager|ssm):.+/);
	});

	test.each(examples)("calls nothing outside in the environment local: $title", ({ consumer }) => {
		expect(outsideHosts(settle(definition, consumer.with, { local: true }).contribution.settings)).toEqual([]);
	});

	test("has a happy, a transient, a permanent and a partial case", () => {
		const sorts = cases.map(({ title }) => title.replace(/:.*/, ""));
		expect([...new Set(sorts)].sort()).toEqual(["happy", "partial", "permanent", "transient"]);
	});

	test.each(cases)("$title", async (entry) => {
		const { settings } = settle(definition, entry.with).contribution;
		const answers = entry.answers.map((answer) => resolveAnswer(answer, entry.records));
		const { context, calls } = fakeOutside(settings, (_call, index) => answers[index] ?? {});
		const outcomes = await deliverer.deliver(entry.records.map(namedChange), context);
		expect(calls.map((call) => carried(call, entry.records))).toEqual(entry.sent);
		expect(calls.length).toBe(entry.answers.length);
		expect(outcomes).toMatchObject(
			entry.outcomes.map((outcome) => (typeof outcome === "string" ? { status: outcome } : outcome)),
		);
	});

	const settled = [...examples.map(({ consumer }) => consumer.with), ...cases.map((entry) => entry.with)].map(
		(given) => settle(definition, given).contribution.settings,
	);

	test("answers every record, keeps each item's order and repeats nobody's words", async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.constantFrom(...settled),
				someRecords,
				fc.array(anyAnswer, { maxLength: 6 }),
				async (settings, records, answers) => {
					const heard = answers.map((answer) => resolveAnswer(answer, ["a1", "b2"]));
					const { context } = fakeOutside(settings, (_call, index) => heard[index] ?? {}, SECRET);
					const changes = records.slice(0, deliverer.limits(settings).maxRecords).map(namedChange);
					const outcomes = await deliverer.deliver(changes, context);
					expect(outcomes).toHaveLength(changes.length);
					expect(deliveredOutOfOrder(changes, outcomes)).toEqual([]);
					expect(JSON.stringify(outcomes)).not.toContain(STRANGERS_WORDS);
					expect(JSON.stringify(outcomes)).not.toContain(SECRET.slice(6));
				},
			),
			{ numRuns: 150 },
		);
	});

	test.each(settled)("retries when nothing outside can be reached %#", async (settings) => {
		const { context } = fakeOutside(settings, () => ({ error: "TypeError" }));
		const outcomes = await deliverer.deliver([namedChange("a1")], context);
		expect(outcomes).toMatchObject([{ status: "retry" }]);
	});

	test.each(settled)("makes the same calls again for the same records %#", async (settings) => {
		const deliver = async () => {
			const { context, calls } = fakeOutside(settings, () => ({}));
			await deliverer.deliver([namedChange("a1")], context);
			return calls.map(({ to, headers, input }) => ({ to, headers: [...headers], input }));
		};
		expect(await deliver()).toEqual(await deliver());
	});
});
