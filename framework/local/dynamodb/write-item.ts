import { AwsError, type JsonInput } from "../aws-json.ts";
import { type DynaliteOperation, perform } from "./dynalite-operations.ts";
import { type Item, overlayItems, type Store } from "./store.ts";

export const CONDITION_FAILED = "ConditionalCheckFailedException";

/** The store, and the item that an action on one item read last: the one its condition was checked against. */
export function observeItem(store: Store): { store: Store; item(): Item | undefined } {
	let item: Item | undefined;
	return {
		store: overlayItems(store, (items) => ({
			get: (key, done) =>
				items.get(key, (error, value) => {
					item = value;
					done(error, value);
				}),
		})),
		item: () => item,
	};
}

/** Put, update or delete of one item; a failed condition tells the item if it was asked to. */
export async function writeItem(store: Store, name: DynaliteOperation, input: JsonInput): Promise<object> {
	const observed = observeItem(store);
	try {
		return await perform(observed.store, name, input);
	} catch (error) {
		const Item = observed.item();
		if (!(error instanceof AwsError) || error.code !== CONDITION_FAILED) throw error;
		if (input.ReturnValuesOnConditionCheckFailure !== "ALL_OLD" || !Item) throw error;
		throw new AwsError(error.code, error.message, error.status, { Item });
	}
}
