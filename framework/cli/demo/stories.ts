/** What the producer shall do, decided before it starts: plain data, the same for the same number of events. */

export interface ItemKey {
	uuid: string;
	user: string;
}

/** Names of an item in ledgers and reports. */
export const itemName = ({ uuid, user }: ItemKey): string => `${uuid}/${user}`;

/**
 * A story is told in order; different stories run at the same time.
 * `session`: one item put, updated, deleted. `batch`: items put by one BatchWriteItem. `transaction`: two items changed together.
 * `expiring`: an item that TTL deletes. `visits`: one item put and updated so often.
 */
export type Story =
	| { kind: "session"; key: ItemKey; updates: number }
	| { kind: "batch"; keys: ItemKey[] }
	| { kind: "transaction"; keys: [ItemKey, ItemKey] }
	| { kind: "expiring"; key: ItemKey }
	| { kind: "visits"; key: ItemKey; updates: number };

/** BatchWriteItem takes 25 puts (DynamoDB API reference). */
const BATCH = 25;

/** Stories that make exactly so many stream records. */
export function tellStories(events: number): Story[] {
	let items = 0;
	const key = (): ItemKey => {
		items += 1;
		return { uuid: `click-${String(items).padStart(6, "0")}`, user: String(items % 97) };
	};
	const stories: Story[] = [];
	for (let hundred = 0; hundred < Math.floor(events / 100); hundred += 1) {
		stories.push({ kind: "batch", keys: Array.from({ length: BATCH }, key) }); // 25 records
		for (let i = 0; i < 6; i += 1) stories.push({ kind: "transaction", keys: [key(), key()] }); // 6 × 6
		for (let i = 0; i < 2; i += 1) stories.push({ kind: "expiring", key: key() }); // 2 × 2
		for (let i = 0; i < 7; i += 1) stories.push({ kind: "session", key: key(), updates: 3 }); // 7 × 5
	}
	const rest = events % 100;
	if (rest > 0) stories.push({ kind: "visits", key: key(), updates: rest - 1 });
	return stories;
}
