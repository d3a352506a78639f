import { act, type DynaliteOperation } from "./dynalite-operations.ts";
import type { Callback, Store } from "./store.ts";

/**
 * dynalite answers first and ends the change of a table in a later turn, with its second write of the table's row. Waiting for
 * that, the next request finds the table ready, or gone, and nothing of ours is overwritten.
 */
export async function actToEnd(store: Store, name: DynaliteOperation, data: object): Promise<object> {
	let writes = 0;
	let end = (): void => {};
	const ended = new Promise<void>((resolve) => {
		end = resolve;
	});
	const counted = (done: Callback): Callback => {
		return (error) => {
			done(error);
			writes += 1;
			if (writes === 2) end();
		};
	};
	const { tableDb } = store;
	const counting: Partial<typeof tableDb> = {
		put: (key, row, done) => tableDb.put(key, row, counted(done)),
		del: (key, done) => tableDb.del(key, counted(done)),
	};
	const answer = await act({ ...store, tableDb: Object.assign(Object.create(tableDb), counting) }, name, data);
	// dynalite goes on with its answer as the table becomes ready.
	const asAnswered = JSON.parse(JSON.stringify(answer));
	await ended;
	return asAnswered;
}
