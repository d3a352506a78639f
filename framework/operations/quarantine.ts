import {
	type AttributeValue,
	ConditionalCheckFailedException,
	GetItemCommand,
	paginateQuery,
	UpdateItemCommand,
	type UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import type { StreamRecord } from "../contract/dynamodb.ts";
import type { DeadLetter } from "../runtime/dead-letters.ts";
import { MARKER } from "../runtime/dynamodb-state.ts";
import { type Quarantine, stateName } from "../runtime/state.ts";
import { markedFor, unmarked } from "../runtime/state-updates.ts";
import type { LetterPlace, Stores } from "./place.ts";

/** How far the clocks of containers may differ. */
const CLOCK_SLACK_MILLISECONDS = 3_600_000;

/** An item at a consumer, as its row says. Places are `Change.sequence`, empty for none. */
export interface ItemState {
	keyHash: string;
	/** null: it is in none. */
	quarantine: Quarantine | null;
	/** Of the last record that was parked, or is about to be. */
	parkedThrough: string;
	/** Of the last record that a redrive delivered, or an operator dropped, since the quarantine began. */
	redrivenThrough: string;
	droppedThrough: string;
	/** Of the last record that is done. */
	deliveredThrough: string;
	/** The last attempt to redrive it by itself; null = none. */
	redrive: RedriveNote | null;
	row: Readonly<Record<string, AttributeValue>>;
}

/** An attempt to redrive an item by itself that did not get past a record. */
export interface RedriveNote {
	/** Of that record. */
	sequence: string;
	/** At that record, this one included. */
	attempts: number;
	/** Epoch milliseconds. */
	lastAt: number;
	outcome: "rejected" | "failed" | "unreadable";
}

/** The quarantines of a consumer. Every write is conditional: the consumer's function writes to the same rows. */
export function openQuarantines(place: LetterPlace, { dynamodb, now }: Stores) {
	const keyOf = (row: string) => ({ scope: { S: place.scope }, row: { S: row } });
	const nameOf = (keyHash: string): string => stateName({ consumer: place.consumer, keyHash });
	const get = async (row: string) => {
		const command = new GetItemCommand({ TableName: place.stateTable, Key: keyOf(row), ConsistentRead: true });
		return (await dynamodb.send(command)).Item ?? {};
	};
	/** Rows in quarantine for good: of the consumer, or of all that its function delivers to. */
	async function* query(whose: "consumer" | "all") {
		const own = whose === "consumer" ? " AND begins_with(#row, :prefix)" : "";
		const pages = paginateQuery(
			{ client: dynamodb },
			{
				TableName: place.stateTable,
				KeyConditionExpression: `#scope = :scope${own}`,
				FilterExpression: "attribute_exists(quarantine) AND attribute_not_exists(expiresAt)",
				ExpressionAttributeNames: { "#scope": "scope", ...(own && { "#row": "row" }) },
				ExpressionAttributeValues: { ":scope": { S: place.scope }, ...(own && { ":prefix": { S: nameOf("") } }) },
				ConsistentRead: true,
			},
		);
		for await (const { Items = [] } of pages) yield* Items;
	}
	const updateRow = async (row: string, wish: Partial<UpdateItemCommandInput>): Promise<boolean> => {
		try {
			await dynamodb.send(new UpdateItemCommand({ TableName: place.stateTable, Key: keyOf(row), ...wish }));
			return true;
		} catch (error) {
			if (error instanceof ConditionalCheckFailedException) return false;
			throw error;
		}
	};
	/** Whether it stands for a record that was never parked, and that no stream can hand over any more: a condition that changed meanwhile let it pass. */
	const isForgotten = ({ quarantine, parkedThrough }: Pick<ItemState, "quarantine" | "parkedThrough">): boolean =>
		quarantine !== null &&
		parkedThrough === quarantine.sequence &&
		now() > quarantine.firstFailedAt + place.recordAgeSeconds * 1000 + CLOCK_SLACK_MILLISECONDS;
	const update = (keyHash: string, wish: Partial<UpdateItemCommandInput>): Promise<boolean> =>
		updateRow(nameOf(keyHash), wish);
	return {
		async read(keyHash: string): Promise<ItemState> {
			return stateOf(keyHash, await get(nameOf(keyHash)));
		},
		/** Items in quarantine. */
		async *list(): AsyncGenerator<ItemState> {
			const prefix = nameOf("");
			for await (const row of query("consumer")) yield stateOf((row.row?.S ?? "").slice(prefix.length), row);
		},
		/** Notes that the item's records are through up to here, before the letter goes. */
		async pass(keyHash: string, how: "redrivenThrough" | "droppedThrough", sequence: string): Promise<void> {
			await update(keyHash, {
				UpdateExpression: "SET #how = :sequence",
				ConditionExpression: "attribute_exists(quarantine) AND (attribute_not_exists(#how) OR #how < :sequence)",
				ExpressionAttributeNames: { "#how": how },
				ExpressionAttributeValues: { ":sequence": { S: sequence } },
			});
		},
		/**
		 * Takes the function's marker away if none of its consumers has an item in quarantine, so that it looks up no rows any more. A
		 * quarantine that the query did not see yet gives the marker another generation before its first letter is written: then it stays.
		 */
		async clearMarker(): Promise<void> {
			const { lasting, generation } = await get(MARKER);
			if (lasting === undefined || generation === undefined) return;
			for await (const _ of query("all")) return;
			await updateRow(MARKER, unmarked(generation));
		},
		/** Notes an attempt, for the next one. */
		async note(keyHash: string, note: RedriveNote): Promise<void> {
			await update(keyHash, {
				UpdateExpression: "SET redrive = :note",
				ConditionExpression: "attribute_exists(quarantine)",
				ExpressionAttributeValues: { ":note": { S: JSON.stringify(note) } },
			});
		},
		/**
		 * Ends a quarantine behind its last record. `state` was read before it was seen that no letter is left. False: a record
		 * was parked meanwhile, or is about to be.
		 */
		async lift({ keyHash, row, ...state }: ItemState): Promise<boolean> {
			const through = state.redrivenThrough > state.droppedThrough ? state.redrivenThrough : state.droppedThrough;
			if (through < state.parkedThrough && !isForgotten(state)) return false;
			const done = through > state.deliveredThrough ? through : state.deliveredThrough;
			const unchanged = ["quarantine", "parkedThrough", "deliveredThrough"].map((name) => {
				const value = row[name];
				return value
					? ([`${name} = :${name}`, [[`:${name}`, value]]] as const)
					: ([`attribute_not_exists(${name})`, []] as const);
			});
			// A record of it may come again as long as its stream hands it over: the function must look so long.
			const end = Math.ceil(now() / 1000) + place.recordAgeSeconds;
			await updateRow(MARKER, markedFor(end));
			return update(keyHash, {
				UpdateExpression:
					"SET deliveredThrough = :done, expiresAt = :end REMOVE quarantine, parkedThrough, redrivenThrough, droppedThrough, redrive, failure",
				ConditionExpression: unchanged.map(([condition]) => condition).join(" AND "),
				ExpressionAttributeValues: {
					...Object.fromEntries(unchanged.flatMap(([, values]) => values)),
					":done": { S: done },
					":end": { N: String(end) },
				},
			});
		},
	};
}

export type Quarantines = ReturnType<typeof openQuarantines>;

function stateOf(keyHash: string, row: Record<string, AttributeValue>): ItemState {
	const quarantine: Quarantine | null = row.quarantine?.S ? JSON.parse(row.quarantine.S) : null;
	return {
		keyHash,
		quarantine,
		parkedThrough: row.parkedThrough?.S ?? quarantine?.sequence ?? "",
		redrivenThrough: row.redrivenThrough?.S ?? "",
		droppedThrough: row.droppedThrough?.S ?? "",
		deliveredThrough: row.deliveredThrough?.S ?? "",
		redrive: row.redrive?.S ? JSON.parse(row.redrive.S) : null,
		row,
	};
}

/**
 * Whether a letter is a late copy of a record that was redriven already. One that a replay parked says nothing of the stream's order,
 * nor does one of a record without a sequence number: its time may be that of many, and out of order.
 */
export function isLateCopy(
	state: ItemState,
	sequence: string,
	{ replayId, record }: Pick<DeadLetter, "replayId" | "record">,
): boolean {
	const { dynamodb } = (record ?? {}) as Partial<StreamRecord>;
	if (replayId !== null || typeof dynamodb?.SequenceNumber !== "string") return false;
	return sequence <= (state.quarantine ? state.redrivenThrough : state.deliveredThrough);
}
