import { Ajv2020 } from "ajv/dist/2020.js";
import { parse } from "yaml";
import type { Change } from "../contract/change.ts";
import type { AnyConsumerDefinition, ConsumerContribution, PlanContext } from "../contract/consumer-definition.ts";
import type { Outcome } from "../contract/deliver.ts";
import { bind } from "../contract/manifest.ts";
import { change, RECORD_TIME } from "./factories.ts";
import type { Answer, Call } from "./fake-outside.ts";

/** One entry of a kind's `cases.yaml`: what a delivery does when the outside answers so. */
export interface ConformanceCase {
	/** Begins with `happy:`, `transient:`, `permanent:` or `partial:`; a kind has some of each. */
	title: string;
	/** The kind's settings, as in a definition. */
	with: object;
	/** `a1` is the first change of item `a`; `a2@11` the second, made in the hour 11 of the day. */
	records: string[];
	/** What the outside says, call by call; there must be as many calls. `$a1` stands for the record's sequence number. */
	answers: Answer[];
	/** The records of each call, in the order in which they stood in it. */
	sent: string[][];
	/** A status, or those members of the outcome that matter. */
	outcomes: (Outcome["status"] | Partial<Outcome>)[];
}

/** Settings as the runtime gets them: defaults filled in, validated, placed by the plan, tokens bound. */
export function settle(
	definition: AnyConsumerDefinition,
	given: unknown,
	wish: Partial<Pick<PlanContext, "local" | "setByEnvironment" | "itemColumns">> = {},
): { given: unknown; contribution: ConsumerContribution<unknown>; context: PlanContext } {
	const settings = structuredClone(given ?? {});
	const validate = new Ajv2020({ useDefaults: true, allErrors: true, allowUnionTypes: true }).compile(
		definition.schema,
	);
	if (!validate(settings)) throw new Error(JSON.stringify(validate.errors));
	const context: PlanContext = {
		environment: wish.local ? "local" : "test",
		pipeline: "orders",
		consumer: "shipping",
		local: false,
		itemColumns: null,
		setByEnvironment: () => false,
		environmentBucket: (id) => `test-${id}-\${accountId}`,
		...wish,
	};
	const contribution = definition.contribute(settings, context);
	const bindings = { accountId: "123456789012", region: "eu-west-1", receiver: "http://127.0.0.1:4000" };
	return { given: settings, contribution: bind(contribution, bindings), context };
}

/** The consumer of an example, read. */
export function readExample(yaml: string): { name: string; kind: string; with?: unknown } {
	return parse(yaml);
}

/** The cases of a kind, with a clear word on a broken file. */
export function readCases(yaml: string): ConformanceCase[] {
	const keys = "answers,outcomes,records,sent,title,with";
	return (parse(yaml) as ConformanceCase[]).map((entry) => {
		const found = Object.keys(entry).sort().join();
		if (found !== keys) throw new Error(`case "${entry.title}" has the keys ${found}, must have ${keys}`);
		return entry;
	});
}

/** The change that a case calls `a2@11`. */
export function namedChange(name: string): Change {
	const [, item = "", number, hour] = /^([a-z])(\d+)(?:@(\d\d))?$/.exec(name) ?? [];
	if (number === undefined) throw new Error(`"${name}" is not a record's name, such as a1 or a2@11`);
	const day = RECORD_TIME - (RECORD_TIME % 86_400);
	return change({ item, number: Number(number), ...(hour && { time: day + Number(hour) * 3600 }) });
}

/** An answer of a case, with `$a1` replaced. */
export function resolveAnswer(answer: Answer, names: readonly string[]): Answer {
	let text = JSON.stringify(answer);
	for (const name of names) text = text.replaceAll(`$${name}`, namedChange(name).record.dynamodb.SequenceNumber ?? "");
	return JSON.parse(text);
}

/** Names of the records that a call carried, in the order in which they stand in it. */
export function carried(call: Call, names: readonly string[]): string[] {
	const parts = typeof call.input === "string" ? [call.input] : Object.values(call.input);
	const text = parts
		.map((part) => (part instanceof Uint8Array ? Buffer.from(part).toString() : String(part)))
		.join(" ");
	return names
		.map((name) => ({ name: name.replace(/@.*/, ""), place: text.indexOf(namedChange(name).eventID) }))
		.filter(({ place }) => place >= 0)
		.sort((a, b) => a.place - b.place)
		.map(({ name }) => name);
}

/** What breaks the contract's law of order: a delivery of a record behind a `retry` or `reject` of its item. */
export function deliveredOutOfOrder(changes: readonly Change[], outcomes: readonly Outcome[]): string[] {
	const stopped = new Set<string>();
	return changes.flatMap((change, index) => {
		const delivered = outcomes[index]?.status === "delivered";
		if (!delivered) stopped.add(change.keyHash);
		return delivered && stopped.has(change.keyHash) ? [change.eventID] : [];
	});
}

/** Places in a settings' schema that are open or not described; empty when all is well. */
export function schemaFaults(schema: unknown, path = "with"): string[] {
	const { type, properties, additionalProperties, items } = schema as Record<string, unknown>;
	if (type === "array") return schemaFaults(items, `${path}[]`);
	if (type !== "object") return [];
	const faults = additionalProperties === undefined || additionalProperties === true ? [`${path} is open`] : [];
	for (const [name, property] of Object.entries((properties ?? {}) as Record<string, { description?: string }>)) {
		if (!property.description) faults.push(`${path}.${name} is not described`);
		faults.push(...schemaFaults(property, `${path}.${name}`));
	}
	return faults;
}

/** Hosts outside this machine that a value names. */
export function outsideHosts(value: unknown): string[] {
	const urls = JSON.stringify(value).match(/https?:\/\/[^/"]+/g) ?? [];
	return urls.filter((url) => !/^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(url));
}
