import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { holds, type Row, updateRow } from "./expressions.ts";
import { type Call, named } from "./network.ts";
import type { Chance } from "./random.ts";
import type { Command } from "./services.ts";
import type { World } from "./world.ts";

/** The state table: reads as consistent as they ask to be, conditional updates, keys and rows left unprocessed. */
export function stateCall(world: World, { constructor: { name }, input }: Command): Call {
	const { state } = world;
	const answers: Record<string, (partial: Chance | null) => object> = {
		GetItemCommand: () => ({ Item: stateAsRead(world, input.ConsistentRead).get(nameOf(input.Key)) }),
		BatchGetItemCommand: (partial) => {
			const [[table = "", wanted] = ["", { Keys: [] }]] = Object.entries(input.RequestItems as Wanted);
			return getMany(stateAsRead(world, wanted.ConsistentRead), table, wanted.Keys, partial);
		},
		BatchWriteItemCommand: (partial) => putMany(state, input.RequestItems, partial),
		QueryCommand: () => query(stateAsRead(world, input.ConsistentRead), input),
		UpdateItemCommand: () => update(state, input),
		DeleteItemCommand: () => {
			check(state.get(nameOf(input.Key)) ?? {}, input);
			state.delete(nameOf(input.Key));
			return {};
		},
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

/** How old what an eventually consistent read says may be ("usually within one second or less", DynamoDB developer guide). */
const MOST_STALE_MILLISECONDS = 2000;

/** The table as a read finds it: as it is, or as it was a while ago. */
function stateAsRead({ state, scheduler, chance }: World, consistent: boolean | undefined): ReadonlyMap<string, Row> {
	return consistent ? state : state.at(scheduler.now() - chance.integer(0, MOST_STALE_MILLISECONDS));
}

type Wanted = Record<string, { Keys: Row[]; ConsistentRead?: boolean }>;

function getMany(state: ReadonlyMap<string, Row>, table: string, Keys: Row[], partial: Chance | null): object {
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

interface Question {
	ExpressionAttributeValues: Row;
	FilterExpression?: string;
	Limit: number;
}

/** The rows of one scope, up to the limit; those of one prefix and filter, if it has them. */
function query(state: ReadonlyMap<string, Row>, question: Question): object {
	const { ExpressionAttributeValues, FilterExpression, Limit } = question;
	const { ":scope": wanted, ":prefix": prefix } = ExpressionAttributeValues;
	const found = [...state.values()].filter(
		(row) =>
			row.scope?.S === wanted?.S &&
			(row.row?.S ?? "").startsWith(prefix?.S ?? "") &&
			holds(row, FilterExpression, { values: ExpressionAttributeValues }),
	);
	return { Items: found.slice(0, Limit), ...(found.length > Limit && { LastEvaluatedKey: found[Limit - 1] }) };
}

// biome-ignore lint/suspicious/noExplicitAny: an input with a condition as the SDK takes it.
function check(row: Row, input: any) {
	const words = { values: input.ExpressionAttributeValues, names: input.ExpressionAttributeNames };
	if (holds(row, input.ConditionExpression, words)) return words;
	throw new ConditionalCheckFailedException({ message: "The conditional request failed.", $metadata: {} });
}

// biome-ignore lint/suspicious/noExplicitAny: an UpdateItem input as the SDK takes it.
function update(state: Map<string, Row>, input: any): object {
	const before = state.get(nameOf(input.Key));
	const words = check(before ?? {}, input);
	state.set(nameOf(input.Key), updateRow(before ?? input.Key, input.UpdateExpression, words));
	return {};
}
