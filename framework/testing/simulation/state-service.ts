import { holds, type Row, updateRow } from "./expressions.ts";
import { type Call, named } from "./network.ts";
import type { Chance } from "./random.ts";
import type { Command } from "./services.ts";
import type { World } from "./world.ts";

/** The state table: consistent reads, conditional updates, keys and rows left unprocessed. */
export function stateCall({ state }: World, { constructor: { name }, input }: Command): Call {
	const answers: Record<string, (partial: Chance | null) => object> = {
		GetItemCommand: () => ({ Item: state.get(nameOf(input.Key)) }),
		BatchGetItemCommand: (partial) => getMany(state, input.RequestItems, partial),
		BatchWriteItemCommand: (partial) => putMany(state, input.RequestItems, partial),
		QueryCommand: () => query(state, input),
		UpdateItemCommand: () => update(state, input),
	};
	return {
		target: "state",
		what: `${name.replace("Command", "")} ${"Key" in input ? nameOf(input.Key) : ""}`,
		truths: [],
		refuse(how) {
			throw named(how === "throttled" ? "ThrottlingException" : "InternalServerError", "Not now.");
		},
		apply: (_invocation, partial) => answers[name]?.(partial) ?? {},
	};
}

const nameOf = ({ scope, row }: Row): string => `${scope?.S} ${row?.S}`;

type Wanted = Record<string, { Keys: Row[] }>;

function getMany(state: ReadonlyMap<string, Row>, wanted: Wanted, partial: Chance | null): object {
	const [[table = "", { Keys }] = ["", { Keys: [] as Row[] }]] = Object.entries(wanted);
	const left = Keys.filter(() => partial?.happens(0.5) ?? false);
	const found = Keys.filter((key) => !left.includes(key))
		.map((key) => state.get(nameOf(key)))
		.filter((row) => row !== undefined);
	return {
		Responses: { [table]: found },
		UnprocessedKeys: left.length > 0 ? { [table]: { Keys: left } } : {},
	};
}

type Put = { PutRequest: { Item: Row } };

function putMany(state: Map<string, Row>, wanted: Record<string, Put[]>, partial: Chance | null): object {
	const [[table = "", puts] = ["", [] as Put[]]] = Object.entries(wanted);
	const left = puts.filter(() => partial?.happens(0.5) ?? false);
	for (const put of puts) if (!left.includes(put)) state.set(nameOf(put.PutRequest.Item), put.PutRequest.Item);
	return { UnprocessedItems: left.length > 0 ? { [table]: left } : {} };
}

/** The rows of one scope, up to the limit. */
function query(
	state: ReadonlyMap<string, Row>,
	{ ExpressionAttributeValues, Limit }: { ExpressionAttributeValues: Row; Limit: number },
): object {
	const [wanted] = Object.values(ExpressionAttributeValues);
	const found = [...state.values()].filter(({ scope }) => scope?.S === wanted?.S);
	return { Items: found.slice(0, Limit), ...(found.length > Limit && { LastEvaluatedKey: found[Limit - 1] }) };
}

// biome-ignore lint/suspicious/noExplicitAny: an UpdateItem input as the SDK takes it.
function update(state: Map<string, Row>, input: any): object {
	const before = state.get(nameOf(input.Key));
	const words = { values: input.ExpressionAttributeValues, names: input.ExpressionAttributeNames };
	if (!holds(before ?? {}, input.ConditionExpression, words))
		throw named("ConditionalCheckFailedException", "The conditional request failed.");
	state.set(nameOf(input.Key), updateRow(before ?? input.Key, input.UpdateExpression, words));
	return {};
}
