import type { DeadLetter } from "../../runtime/dead-letters.ts";
import { invoke, MOST_PAYLOAD_BYTES, outcomesOf, recordText, replayEvent } from "../invoke.ts";
import type { Lease } from "../lease.ts";
import { createPace } from "../pace.ts";
import type { ConsumerPlace, Services } from "../place.ts";
import { type ItemState, isLateCopy, openQuarantines } from "../quarantine.ts";
import { finishDump } from "./dumps.ts";
import { deleteLetter, keepHistory, readLetter } from "./letters.ts";
import { type DumpedRecords, listPending, loadDumps, mergeRecords, type Pending, type PendingItem } from "./pending.ts";
import { release } from "./release.ts";

/** Items that are redriven at the same time, each with one record in a call. */
const ITEMS_AT_ONCE = 50;

/** Attempts at a record that the consumer cannot take for now, and the wait before the second, which doubles. */
const ATTEMPTS = 5;
const BACKOFF_MILLISECONDS = 500;

/** `delivered` and `known` (a late copy of one that was delivered) end a record; the others leave it where it is, and its item with it. */
export interface RedriveReport {
	keyHash: string;
	eventID: string;
	outcome: "delivered" | "known" | "rejected" | "failed" | "unwanted";
	reason: string | null;
}

export interface RedriveOptions {
	/** Marks the redrive, so that deduplication lets its records through. */
	id: string;
	/** Records a second; null = as fast as the function takes them. */
	rate: number | null;
	signal: AbortSignal;
	lease: Pick<Lease, "renew">;
	onRecord(report: RedriveReport): void;
}

export interface RedriveResult {
	delivered: number;
	/** Records that stay, those behind a failed one included. */
	left: number;
	/** Items whose quarantine was lifted. */
	lifted: number;
	/** Items that stay in one although nothing of them is left: a record is on its way. */
	waiting: number;
}

interface Item extends PendingItem {
	state: ItemState;
	attempts: number;
	/** Epoch milliseconds of the next attempt. */
	notBefore: number;
	stopped: boolean;
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
	place: ConsumerPlace,
	services: Services,
	options: RedriveOptions,
): Promise<RedriveResult> {
	const run = new Redrive(place, services, options, await loadDumps(place, services));
	await run.work();
	return run.result;
}

class Redrive {
	readonly result: RedriveResult = { delivered: 0, left: 0, lifted: 0, waiting: 0 };
	readonly #place: ConsumerPlace;
	readonly #services: Services;
	readonly #options: RedriveOptions;
	readonly #dumped: DumpedRecords;
	readonly #quarantines;
	readonly #pace;
	#open: Item[] = [];
	readonly #seen = new Set<string>();

	constructor(place: ConsumerPlace, services: Services, options: RedriveOptions, dumped: DumpedRecords) {
		this.#place = place;
		this.#services = services;
		this.#options = options;
		this.#dumped = dumped;
		this.#quarantines = openQuarantines(place, services);
		this.#pace = createPace(options.rate, services);
	}

	async work(): Promise<void> {
		const items = this.#items();
		for (let ended = false; !this.#options.signal.aborted; ) {
			while (!ended && this.#open.length < ITEMS_AT_ONCE) {
				const next = await items.next();
				if (next.done) ended = true;
				else this.#open.push(next.value);
			}
			if (this.#open.length === 0) break;
			const call = await this.#fill();
			if (call.length > 0) await this.#send(call);
		}
		this.result.left += this.#open.reduce((sum, { records }) => sum + records.length, 0);
	}

	/** Items with records, then those in quarantine without: an earlier redrive ended before it lifted it. */
	async *#items(): AsyncGenerator<Item> {
		const fresh = { attempts: 0, notBefore: 0, stopped: false };
		for await (const item of listPending(this.#place, this.#services, this.#dumped)) {
			const state = await this.#quarantines.read(item.keyHash);
			if (state.quarantine) this.#seen.add(item.keyHash);
			yield { ...item, ...fresh, state };
		}
		for await (const state of this.#quarantines.list())
			if (!this.#seen.has(state.keyHash)) yield { keyHash: state.keyHash, records: [], ...fresh, state };
	}

	/** The next record of each item that may go now; items that are over leave. */
	async #fill(): Promise<Loaded[]> {
		const now = this.#services.now();
		const ready = this.#open.filter(({ notBefore }) => notBefore <= now);
		if (ready.length === 0) await this.#services.sleep(Math.min(...this.#open.map(({ notBefore }) => notBefore)) - now);
		const call: Loaded[] = [];
		let bytes = 0;
		for (const item of ready) {
			const loaded = item.stopped ? null : await this.#load(item);
			if (loaded) {
				bytes += Buffer.byteLength(loaded.text);
				if (call.length > 0 && bytes > MOST_PAYLOAD_BYTES) break;
				call.push(loaded);
			} else if (item.stopped || (await this.#isOver(item))) this.#open.splice(this.#open.indexOf(item), 1);
		}
		return call;
	}

	/** The item's next record; late copies of what was delivered go on the way. */
	async #load(item: Item): Promise<Loaded | null> {
		for (let [pending] = item.records; pending; [pending] = item.records) {
			const { letter: ref, sequence, dumped } = pending;
			const letter = ref && (await readLetter(this.#place, this.#services, ref.key));
			if (letter && isLateCopy(item.state, { sequence, replayId: letter.replayId })) {
				await this.#finish(item, pending);
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

	async #send(call: readonly Loaded[]): Promise<void> {
		const { lease, id } = this.#options;
		const { consumer, functionName } = this.#place;
		await this.#pace(call.length);
		await lease.renew();
		const texts = call.map(({ text }) => text);
		const answer = await invoke(this.#services.lambda, functionName, replayEvent({ replayId: id, consumer }, texts));
		const outcomes = answer.status === "answered" ? outcomesOf(functionName, answer.response) : null;
		const unknown = answer.status === "answered" ? "The function did not account for it." : answer.reason;
		for (const each of call) {
			const { outcome, reason } = outcomes?.get(each.letter?.eventID ?? each.pending.eventID) ?? {
				outcome: "retry",
				reason: unknown,
			};
			await this.#settle(each, outcome, reason);
		}
	}

	async #settle({ item, pending, letter }: Loaded, outcome: string, reason: string | null): Promise<void> {
		if (outcome === "delivered" || outcome === "deduplicated") {
			await this.#finish(item, pending);
			this.result.delivered += 1;
			this.#report(pending, "delivered");
		} else if (outcome === "reject") {
			if (letter && pending.letter) await keepHistory(this.#place, this.#services, pending.letter.key, letter);
			this.#report(pending, "rejected", reason);
			this.#stop(item);
		} else if (outcome === "skipped") {
			this.#report(pending, "unwanted", reason);
			if (pending.letter) this.#stop(item);
			else await this.#finish(item, pending);
		} else if (++item.attempts < ATTEMPTS) {
			item.notBefore = this.#services.now() + BACKOFF_MILLISECONDS * 2 ** (item.attempts - 1);
		} else {
			this.#report(pending, "failed", reason);
			this.#stop(item);
		}
	}

	/** Takes a record out of where it lay: first the note, then the letter. */
	async #finish(item: Item, { letter, dumped, sequence }: Pending): Promise<void> {
		if (item.state.quarantine) await this.#quarantines.pass(item.keyHash, "redrivenThrough", sequence);
		if (letter) await deleteLetter(this.#place, this.#services, letter.key);
		for (const { key } of dumped) {
			const left = (this.#dumped.left.get(key) ?? 0) - 1;
			this.#dumped.left.set(key, left);
			if (left === 0) await finishDump(this.#place, this.#services, key);
		}
		item.records.shift();
		item.attempts = 0;
	}

	#stop(item: Item): void {
		this.result.left += item.records.length;
		item.records = [];
		item.stopped = true;
	}

	/** Whether an item without records is over; its quarantine ends with it. */
	async #isOver(item: Item): Promise<boolean> {
		const released = await release(this.#place, this.#services, this.#quarantines, item.keyHash);
		if (released.status === "more") {
			item.state = await this.#quarantines.read(item.keyHash);
			item.records = mergeRecords(released.letters, []);
			return false;
		}
		if (released.status !== "free") this.result[released.status] += 1;
		return true;
	}

	#report({ keyHash, eventID }: Pending, outcome: RedriveReport["outcome"], reason: string | null = null): void {
		this.#options.onRecord({ keyHash, eventID, outcome, reason });
	}
}
