import type { LakeRecord } from "../../lake/record.ts";
import { UnsentError } from "../operation-error.ts";
import type { Pace } from "../pace.ts";
import type { Services } from "../place.ts";
import { MOST_PAYLOAD_BYTES } from "../replay-event.ts";
import type { Sent, Target } from "./target.ts";

/** A record with the item whose order it belongs to. */
export interface Work {
	record: LakeRecord;
	keyHash: string;
}

/** Calls at once, each of other items. */
const CALLS_AT_ONCE = 4;

/** How much is read ahead of the first record that is not done, in records and bytes of lines. */
const MOST_RECORDS = 2000;
const MOST_BYTES = 64 * 1024 * 1024;

/** Wait before an item's second attempt, which doubles, up to the longest. */
const BACKOFF_MILLISECONDS = 500;
const LONGEST_BACKOFF = 30_000;

interface Slot extends Work {
	state: "waiting" | "flying" | "done";
}

export interface DispatchOptions extends Pick<Services, "now" | "sleep"> {
	target: Target;
	pace: Pace;
	/** Stops what has not begun; what is under way is waited for. */
	signal: AbortSignal;
	onSent(work: Work, sent: Sent): void;
	/** Everything before the first record that is not done, and what is done beyond it. Called after each call. */
	onMark(through: LakeRecord | null, beyond: readonly LakeRecord[]): Promise<void>;
}

/**
 * Sends records in the order of each item, in batches that go side by side when they share no item. Rejects when an item's
 * records cannot be sent, after everything under way has ended.
 */
export async function dispatch(source: AsyncIterator<Work>, options: DispatchOptions): Promise<void> {
	await new Dispatch(source, options).run();
}

class Dispatch {
	readonly #source: AsyncIterator<Work>;
	readonly #options: DispatchOptions;
	#ended = false;
	readonly #window: Slot[] = [];
	#bytes = 0;
	#through: LakeRecord | null = null;
	readonly #flying = new Set<Promise<void>>();
	readonly #busy = new Set<string>();
	/** Items that are tried again: attempts so far, and the time of the next. */
	readonly #failing = new Map<string, { attempts: number; notBefore: number }>();
	#failure: Error | null = null;

	constructor(source: AsyncIterator<Work>, options: DispatchOptions) {
		this.#source = source;
		this.#options = options;
	}

	async run(): Promise<void> {
		try {
			while (!this.#options.signal.aborted && !this.#failure) {
				await this.#fill();
				for (let batch = this.#pick(); batch.length > 0; batch = this.#pick()) this.#launch(batch);
				if (this.#flying.size > 0) await Promise.race(this.#flying);
				else if (this.#window.length > 0) await this.#rest();
				else if (this.#ended) break;
			}
		} finally {
			await Promise.all(this.#flying);
			await this.#mark();
		}
		if (this.#failure) throw this.#failure;
	}

	async #fill(): Promise<void> {
		while (!this.#ended && this.#window.length < MOST_RECORDS && this.#bytes < MOST_BYTES) {
			const { value, done } = await this.#source.next();
			if (done) {
				this.#ended = true;
				return;
			}
			this.#window.push({ ...value, state: "waiting" });
			this.#bytes += value.record.line.length;
		}
	}

	/** The first records whose items are neither under way nor waiting for another attempt. */
	#pick(): Slot[] {
		if (this.#flying.size >= CALLS_AT_ONCE || this.#failure || this.#options.signal.aborted) return [];
		const now = this.#options.now();
		const passed = new Set(this.#busy);
		const most = Math.min(this.#options.target.batchSize, this.#options.pace.most);
		const batch: Slot[] = [];
		let bytes = 0;
		for (const slot of this.#window) {
			if (slot.state !== "waiting" || passed.has(slot.keyHash)) continue;
			bytes += Buffer.byteLength(slot.record.line);
			const full = batch.length === most || (batch.length > 0 && bytes > MOST_PAYLOAD_BYTES);
			if (full) break;
			if ((this.#failing.get(slot.keyHash)?.notBefore ?? 0) > now) passed.add(slot.keyHash);
			else batch.push(slot);
		}
		return batch;
	}

	#launch(batch: readonly Slot[]): void {
		const items = new Set(batch.map(({ keyHash }) => keyHash));
		for (const item of items) this.#busy.add(item);
		for (const slot of batch) slot.state = "flying";
		const flight: Promise<void> = this.#send(batch)
			.catch((error) => {
				this.#failure ??= error;
				for (const slot of batch) if (slot.state === "flying") slot.state = "waiting";
			})
			.finally(() => {
				for (const item of items) this.#busy.delete(item);
				this.#flying.delete(flight);
			});
		this.#flying.add(flight);
	}

	async #send(batch: readonly Slot[]): Promise<void> {
		await this.#options.pace.wait(batch.length);
		if (this.#options.signal.aborted) {
			// Its turn had not come.
			for (const slot of batch) slot.state = "waiting";
			return;
		}
		const answers = await this.#options.target.send(batch.map(({ record }) => record));
		const progressed = new Set<string>();
		const failed = new Map<string, string | null>();
		for (const [index, slot] of batch.entries()) {
			const sent = answers[index] ?? { outcome: "again", reason: "There was no answer for it." };
			slot.state = sent.outcome === "again" ? "waiting" : "done";
			if (sent.outcome === "again") failed.set(slot.keyHash, failed.get(slot.keyHash) ?? sent.reason);
			else {
				progressed.add(slot.keyHash);
				this.#options.onSent(slot, sent);
			}
		}
		for (const item of progressed) this.#failing.delete(item);
		for (const [item, reason] of failed) this.#fail(item, reason);
		await this.#mark();
	}

	#fail(keyHash: string, reason: string | null): void {
		const attempts = (this.#failing.get(keyHash)?.attempts ?? 0) + 1;
		const wait = Math.min(LONGEST_BACKOFF, BACKOFF_MILLISECONDS * 2 ** (attempts - 1));
		this.#failing.set(keyHash, { attempts, notBefore: this.#options.now() + wait });
		if (attempts < this.#options.target.attempts) return;
		this.#failure ??= new UnsentError(`Item ${keyHash.slice(0, 12)} could not be sent: ${reason ?? "no reason given"}`);
	}

	/** Nothing may go before the earliest next attempt. */
	async #rest(): Promise<void> {
		const times = [...this.#failing.values()].map(({ notBefore }) => notBefore);
		await this.#options.sleep(Math.max(1, Math.min(...times) - this.#options.now()));
	}

	async #mark(): Promise<void> {
		let first = this.#window.findIndex(({ state }) => state !== "done");
		if (first === -1) first = this.#window.length;
		for (const { record } of this.#window.splice(0, first)) {
			this.#bytes -= record.line.length;
			this.#through = record;
		}
		const beyond = this.#window.filter(({ state }) => state === "done").map(({ record }) => record);
		await this.#options.onMark(this.#through, beyond);
	}
}
