import { invoke } from "../invoke.ts";
import { mapAhead } from "../map-ahead.ts";
import type { ConsumerPlace, Services } from "../place.ts";
import { openQuarantines } from "../quarantine.ts";
import { finishDump } from "./dumps.ts";
import { type DumpedRecords, listPending, loadDumps, type PendingItem } from "./pending.ts";
import { ITEMS_AT_ONCE, redrive } from "./redrive.ts";
import type { OwedItem, RedriveOptions, RedriveResult } from "./redrive-types.ts";

/** Attempts at a record that the consumer cannot take for now. */
const ATTEMPTS = 5;

export interface RedriveAllOptions extends Pick<RedriveOptions, "id" | "rate" | "signal" | "lease" | "onRecord"> {
	/** How many of all records it is through with, or leaves where they are. */
	onProgress(records: number, total: number): void;
}

/** Redrives everything that a consumer is owed, letters and dumps, on somebody's word: also what it refused. */
export async function redriveAll(
	place: ConsumerPlace,
	services: Services,
	options: RedriveAllOptions,
): Promise<RedriveResult> {
	const dumped = await loadDumps(place, services);
	const total = await countPending(place, services, dumped);
	const result = await redrive(place, services, owedItems(place, services, dumped), {
		...options,
		attempts: ATTEMPTS,
		onProgress: (records) => options.onProgress(records, total),
		endsWhenDown: false,
		deliver: (event) => invoke(services.lambda, place.functionName, event),
		async onFinished({ dumped: copies }) {
			for (const { key } of copies) {
				const left = (dumped.left.get(key) ?? 0) - 1;
				dumped.left.set(key, left);
				if (left === 0) await finishDump(place, services, key);
			}
		},
	});
	const { delivered, known, skipped, left } = result;
	// What its turn did not come for is left as well.
	return options.signal.aborted ? { ...result, left: Math.max(left, total - delivered - known - skipped) } : result;
}

async function countPending(place: ConsumerPlace, services: Services, dumped: DumpedRecords): Promise<number> {
	let total = 0;
	for await (const { records } of listPending(place, services, dumped)) total += records.length;
	return total;
}

/** Items with records, then those in quarantine without: an earlier redrive ended before it lifted it. */
async function* owedItems(place: ConsumerPlace, services: Services, dumped: DumpedRecords): AsyncGenerator<OwedItem> {
	const quarantines = openQuarantines(place, services);
	const seen = new Set<string>();
	const read = async (item: PendingItem): Promise<OwedItem> => ({
		...item,
		state: await quarantines.read(item.keyHash),
	});
	for await (const item of mapAhead(listPending(place, services, dumped), ITEMS_AT_ONCE, read)) {
		if (item.state.quarantine) seen.add(item.keyHash);
		yield item;
	}
	for await (const state of quarantines.list())
		if (!seen.has(state.keyHash)) yield { keyHash: state.keyHash, records: [], state };
}
