import type { DeadLetter } from "../../runtime/dead-letters.ts";
import { OperationError } from "../operation-error.ts";
import { createPace } from "../pace.ts";
import type { LetterPlace, Stores } from "../place.ts";
import { isLateCopy, openQuarantines } from "../quarantine.ts";
import { MOST_PAYLOAD_BYTES, recordText } from "../replay-event.ts";
import { bytesOf, deleteLetter, keepHistory, putAside, readLetter } from "./letters.ts";
import { mergeRecords, type Pending } from "./pending.ts";
import type { OwedItem, RedriveOptions, RedriveReport, RedriveResult, Stuck } from "./redrive-types.ts";
import { release } from "./release.ts";
import { type Sent, sendCall } from "./send-call.ts";

/** Items that are redriven at the same time, each with one record in a call. */
export const ITEMS_AT_ONCE = 50;

const NO_RECORD = "its data are no JSON: `pipeline dlq show` has them, `pipeline dlq drop` deletes them";

/** The wait before the second attempt at a record that the consumer cannot take for now; it doubles. */
const BACKOFF_MILLISECONDS = 500;

interface Item extends OwedItem {
	attempts: number;
	/** Epoch milliseconds of the next attempt. */
	notBefore: number;
	stopped: boolean;
	/** What goes next, once it was read. */
	next: Loaded | null;
}

/** A record to be sent. */
interface Loaded {
	item: Item;
	pending: Pending;
	text: string;
	letter: DeadLetter | null;
}

/**
 * Delivers what a consumer is owed through its own function, each item's records in their order and one after another. A letter
 * goes when its record is delivered; the place is noted before, so that a crash between the two repeats nothing.
 */
export async function redrive(
	place: LetterPlace,
	stores: Stores,
	items: AsyncIterable<OwedItem>,
	options: RedriveOptions,
): Promise<RedriveResult> {
	const run = new Redrive(place, stores, options);
	await run.work(items);
	return run.result;
}

class Redrive {
	readonly result: RedriveResult = { delivered: 0, known: 0, skipped: 0, left: 0, lifted: 0, waiting: 0 };
	readonly #place: LetterPlace;
	readonly #stores: Stores;
	readonly #options: RedriveOptions;
	readonly #quarantines;
	readonly #pace;
	#open: Item[] = [];
	#isDown = false;
	#settled = 0;

	constructor(place: LetterPlace, stores: Stores, options: RedriveOptions) {
		this.#place = place;
		this.#stores = stores;
		this.#options = options;
		this.#quarantines = openQuarantines(place, stores);
		this.#pace = createPace(options.rate, stores);
	}

	async work(owed: AsyncIterable<OwedItem>): Promise<void> {
		const items = owed[Symbol.asyncIterator]();
		for (let ended = false; !this.#options.signal.aborted && !this.#isDown; ) {
			while (!ended && this.#open.length < ITEMS_AT_ONCE) {
				const next = await items.next();
				if (next.done) ended = true;
				else this.#open.push({ ...next.value, attempts: 0, notBefore: 0, stopped: false, next: null });
			}
			if (this.#open.length === 0) break;
			const call = await this.#fill();
			if (call.length > 0) await this.#send(call);
		}
		this.result.left += this.#open.reduce((sum, { records }) => sum + records.length, 0);
		await this.#quarantines.clearMarker();
	}

	/** The next record of each item that may go now; items that are over leave. */
	async #fill(): Promise<Loaded[]> {
		const now = this.#stores.now();
		const ready = this.#open.filter(({ notBefore }) => notBefore <= now);
		if (ready.length === 0) await this.#stores.sleep(Math.min(...this.#open.map(({ notBefore }) => notBefore)) - now);
		const over = new Set<Item>();
		await Promise.all(
			ready.map(async (item) => {
				if (!item.stopped) item.next ??= await this.#load(item);
				if (item.stopped || (item.next === null && (await this.#isOver(item)))) over.add(item);
			}),
		);
		this.#open = this.#open.filter((item) => !over.has(item));
		const call: Loaded[] = [];
		let bytes = 0;
		for (const { next } of ready) {
			bytes += next ? Buffer.byteLength(next.text) : 0;
			// What does not fit goes with the next call.
			if (next && call.length < this.#pace.most && (call.length === 0 || bytes <= MOST_PAYLOAD_BYTES)) call.push(next);
		}
		return call;
	}

	/** The item's next record; late copies of what was delivered go on the way. */
	async #load(item: Item): Promise<Loaded | null> {
		for (let [pending] = item.records; pending; [pending] = item.records) {
			const { letter: ref, sequence, dumped } = pending;
			const letter = ref && (await this.#read(item, pending, ref.key));
			if (item.stopped) return null;
			if (letter && isLateCopy(item.state, sequence, letter)) {
				await this.#finish(item, pending);
				this.result.known += 1;
				this.#report(pending, "known");
				continue;
			}
			const record = letter ? letter.record : dumped[0]?.record;
			if (record !== undefined) return { item, pending, text: recordText(record), letter };
			// Somebody took the letter away meanwhile.
			item.records.shift();
		}
		return null;
	}

	/** A letter that nothing can be made of stops its item, and no other. */
	async #read(item: Item, pending: Pending, key: string): Promise<DeadLetter | null> {
		let reason = NO_RECORD;
		try {
			const letter = await readLetter(this.#place, this.#stores, key);
			if (letter === null || bytesOf(letter) === null) return letter;
		} catch (error) {
			if (!(error instanceof OperationError)) throw error;
			reason = error.message;
		}
		await this.#stop(item, pending, { outcome: "unreadable", reason, attempted: false });
		return null;
	}

	async #send(call: readonly Loaded[]): Promise<void> {
		await this.#pace.wait(call.length);
		await this.#options.lease.renew();
		const records = call.map(({ pending, letter, text }) => ({ eventID: letter?.eventID ?? pending.eventID, text }));
		const sent = await sendCall(this.#place, records, this.#options);
		await Promise.all(sent.map((each, index) => this.#settle(call[index] as Loaded, each)));
		this.#isDown = this.#options.endsWhenDown && sent.every(({ fate }) => fate === "failed" || fate === "unasked");
	}

	async #settle({ item, pending, letter }: Loaded, { fate, reason }: Sent): Promise<void> {
		item.next = null;
		if (fate === "done") {
			await this.#finish(item, pending);
			this.result.delivered += 1;
			this.#report(pending, "delivered");
		} else if (fate === "rejected") {
			if (letter && pending.letter) await keepHistory(this.#place, this.#stores, pending.letter.key, letter);
			await this.#stop(item, pending, { outcome: "rejected", reason });
		} else if (fate === "skipped") {
			if (letter && pending.letter) await putAside(this.#place, this.#stores, pending.letter.key, letter, reason);
			await this.#finish(item, pending);
			this.result.skipped += 1;
			this.#report(pending, "skipped", reason);
		} else if (++item.attempts < this.#options.attempts) {
			item.notBefore = this.#stores.now() + BACKOFF_MILLISECONDS * 2 ** (item.attempts - 1);
		} else await this.#stop(item, pending, { outcome: "failed", reason, attempted: fate === "failed" });
	}

	/** Takes a record out of where it lay: first the note, then the letter. */
	async #finish(item: Item, pending: Pending): Promise<void> {
		if (item.state.quarantine) await this.#quarantines.pass(item.keyHash, "redrivenThrough", pending.sequence);
		if (pending.letter) await deleteLetter(this.#place, this.#stores, pending.letter.key);
		await this.#options.onFinished?.(pending);
		item.records.shift();
		item.attempts = 0;
		this.#progress(1);
	}

	async #stop(
		item: Item,
		pending: Pending,
		{ attempted = true, ...stuck }: Omit<Stuck, "sequence" | "attempted"> & { attempted?: boolean },
	): Promise<void> {
		this.#report(pending, stuck.outcome, stuck.reason);
		this.result.left += item.records.length;
		this.#progress(item.records.length);
		item.records = [];
		item.stopped = true;
		await this.#options.onStuck?.(item, { ...stuck, attempted, sequence: pending.sequence });
	}

	/** Whether an item without records is over; its quarantine ends with it. */
	async #isOver(item: Item): Promise<boolean> {
		const released = await release(this.#place, this.#stores, this.#quarantines, item.keyHash);
		if (released.status === "more") {
			item.state = await this.#quarantines.read(item.keyHash);
			item.records = mergeRecords(released.letters, []);
			return false;
		}
		if (released.status !== "free") this.result[released.status] += 1;
		return true;
	}

	#progress(records: number): void {
		this.#settled += records;
		this.#options.onProgress?.(this.#settled);
	}

	#report({ keyHash, eventID }: Pending, outcome: RedriveReport["outcome"], reason: string | null = null): void {
		this.#options.onRecord({ keyHash, eventID, outcome, reason });
	}
}
