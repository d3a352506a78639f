import type { Value, ValueObject } from "../../definition/values.ts";
import type { DocumentPath } from "../../diagnostics/diagnostic.ts";
import type { Effect } from "../../rehearsal/outside.ts";
import type { RehearsalResult } from "../../rehearsal/rehearse.ts";
import type { DeadLetter } from "../../runtime/dead-letters.ts";
import { type Json, NumberText, readJson } from "./json.ts";
import { type Difference, matchJson } from "./match.ts";

/** What a consumer did, in the shape in which tests expect it. */
export interface Outcome {
	delivered: number;
	parked: number;
	requests: { method: string; url: string; headers: Json; body: Json; status: Json }[];
	objects: { key: string; lines: Json[] }[];
	calls: { operation: string; input: Json }[];
	deadLetters: { reason: string; attempts: Json }[];
}

type NumberAt = (path: DocumentPath) => string;

/** Compares what a consumer was expected to be sent with what it was. */
export function judgeConsumer(
	expected: Value,
	consumer: string,
	result: RehearsalResult,
	path: DocumentPath,
	numberAt: NumberAt,
): Difference[] {
	const outcome = outcomeOf(consumer, result);
	if (expected === "nothing") return judgeNothing(outcome, consumer, path);
	if (typeof expected !== "object" || Array.isArray(expected))
		return [{ path, detail: `\`${expected}\` says nothing of ${consumer}: write \`nothing\`, or a mapping.` }];
	const { delivered, parked, ...lists } = expected as ValueObject;
	const counts = (["delivered", "parked"] as const).flatMap((name) => {
		const wanted = { delivered, parked }[name];
		if (wanted === undefined || wanted === outcome[name]) return [];
		return [
			{ path: [...path, name], detail: `${consumer}: expected ${wanted} records ${name}, got ${outcome[name]}.` },
		];
	});
	return [
		...counts,
		...Object.entries(lists).flatMap(([name, list]) =>
			name in outcome
				? judgeList(
						list as Value[],
						outcome[name as "requests"] as unknown as Json[],
						`${consumer}: ${name}`,
						[...path, name],
						numberAt,
					)
				: [],
		),
	];
}

function judgeNothing({ delivered, parked }: Outcome, consumer: string, path: DocumentPath): Difference[] {
	if (delivered + parked === 0) return [];
	return [{ path, detail: `${consumer}: expected nothing, got ${delivered} records delivered and ${parked} parked.` }];
}

/** The lake holds records whatever consumers want. */
export function judgeLake(expected: Value, { lake }: RehearsalResult, path: DocumentPath): Difference[] {
	const records = [...lake.values()].reduce((sum, lines) => sum + lines.length, 0);
	const wanted = expected === "nothing" ? 0 : (expected as ValueObject).records;
	if (wanted === undefined || wanted === records) return [];
	return [{ path, detail: `lake: expected ${wanted} records, got ${records}.` }];
}

/** Entries are compared in order; of texts named `key` the beginning, of `reason` a part, and bodies as JSON. */
function judgeList(
	expected: Value[],
	actual: readonly Json[],
	what: string,
	path: DocumentPath,
	numberAt: NumberAt,
): Difference[] {
	const pairs = expected.slice(0, actual.length).flatMap((entry, index) =>
		Object.entries(entry as ValueObject).flatMap(([name, value]) => {
			const at = [...path, index, name];
			const found = (actual[index] as { [name: string]: Json })[name];
			const label = `${what}[${index}].${name}`;
			if (name === "key" && typeof found === "string" && found.startsWith(String(value))) return [];
			if (name === "reason" && typeof found === "string" && found.includes(String(value))) return [];
			return matchJson(value, found, at, label, numberAt);
		}),
	);
	if (expected.length === actual.length) return pairs;
	return [{ path, detail: `${what}: expected ${expected.length}, got ${actual.length}.` }, ...pairs];
}

/** What became of a consumer's records in the end, and what it did for that. */
export function outcomeOf(consumer: string, { deliveries, effects, deadLetters }: RehearsalResult): Outcome {
	const own = effects.get(consumer) ?? [];
	const letters = deadLetters.filter((letter) => letter.consumer === consumer);
	const delivered = new Set(
		deliveries.flatMap((each) => (each.consumer === consumer && each.outcome === "delivered" ? [each.eventID] : [])),
	);
	return {
		delivered: delivered.size,
		parked: letters.length,
		requests: own.flatMap((effect) => (effect.type === "request" ? [requestOf(effect)] : [])),
		objects: own.flatMap((effect) =>
			effect.type === "object" ? [{ key: effect.key, lines: linesOf(effect.body) }] : [],
		),
		calls: own.flatMap((effect) =>
			effect.type === "call" ? [{ operation: effect.operation, input: inputOf(effect.input) }] : [],
		),
		deadLetters: letters.map(({ reason, attempts }: DeadLetter) => ({
			reason,
			attempts: new NumberText(String(attempts)),
		})),
	};
}

function requestOf({
	method,
	url,
	headers,
	body,
	status,
}: Extract<Effect, { type: "request" }>): Outcome["requests"][number] {
	return {
		method,
		url,
		headers,
		body: readJson(body) ?? body,
		status: typeof status === "number" ? new NumberText(String(status)) : status,
	};
}

function linesOf(text: string): Json[] {
	return text.split("\n").flatMap((line) => (line === "" ? [] : [readJson(line) ?? line]));
}

/** Members that are JSON as text are compared as JSON. */
function inputOf(input: Record<string, unknown>): Json {
	return Object.fromEntries(
		Object.entries(input).map(([name, value]) => {
			const parsed = typeof value === "string" ? readJson(value) : undefined;
			return [name, typeof parsed === "object" && parsed !== null ? parsed : (readJson(JSON.stringify(value)) ?? null)];
		}),
	);
}
