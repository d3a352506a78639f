import type { LakePlace } from "../../lake/place.ts";
import { readRuns } from "../../lake/read-records.ts";
import type { LakeRecord } from "../../lake/record.ts";
import type { ChangeOf } from "../../lake/select.ts";
import { createPace } from "../pace.ts";
import type { Services } from "../place.ts";
import { dispatch, type Work } from "./dispatch.ts";
import { doneBefore, type Journal, type JournalPlace, writeJournal } from "./journal.ts";
import type { Target } from "./target.ts";

/** Milliseconds between two writings of the journal. */
const JOURNAL_EVERY = 2000;

export interface ReplayOptions {
	lake: LakePlace;
	changeOf: ChangeOf;
	isSelected(record: LakeRecord): boolean;
	target: Target;
	rate: number | null;
	signal: AbortSignal;
	/** Called before each call, to keep the consumer's lease. */
	renew(): Promise<void>;
	/** Records of the lake read so far. */
	onProgress(read: number): void;
	onRejected(eventID: string, reason: string | null): void;
}

/** Replays what the journal says from where it stands, and keeps it up to date. Rejects when records cannot be read or sent. */
export async function replay(
	place: JournalPlace,
	journal: Journal,
	services: Services,
	options: ReplayOptions,
): Promise<Journal> {
	let current: Journal = { ...journal, state: "running" };
	let writtenAt = services.now();
	const pace = createPace(options.rate, services);
	const write = async (change: Partial<Journal>): Promise<void> => {
		current = { ...current, ...change };
		writtenAt = services.now();
		await writeJournal(place, current, writtenAt);
	};
	await write({});
	try {
		await dispatch(worksOf(journal, options, current), {
			target: options.target,
			now: services.now,
			sleep: services.sleep,
			signal: options.signal,
			pace: {
				most: pace.most,
				async wait(records) {
					await pace.wait(records);
					await options.renew();
				},
			},
			onSent({ record }, { outcome, reason }) {
				if (outcome === "rejected") options.onRejected(record.eventID, reason);
				if (outcome !== "again") current.counts[outcome] += 1;
			},
			async onMark(through, beyond) {
				current = { ...current, ...positionOf(journal, through, beyond) };
				if (services.now() - writtenAt >= JOURNAL_EVERY) await write({});
			},
		});
		await write({ state: options.signal.aborted ? "interrupted" : "done" });
		return current;
	} catch (error) {
		// What went wrong first is what is told.
		await write({ state: "interrupted" }).catch(() => {});
		throw error;
	}
}

/** The place of the last record with all before it done, and the eventIDs done from there on. */
function positionOf(
	before: Journal,
	through: LakeRecord | null,
	beyond: readonly LakeRecord[],
): Pick<Journal, "through" | "done"> {
	const ids = beyond.map(({ eventID }) => eventID);
	// What the earlier run had done beyond stays known: this run may not have come that far.
	if (through === null) return { through: before.through, done: [...new Set([...before.done, ...ids])] };
	const { label, sequence, eventID } = through;
	return { through: { label, sequence }, done: [...new Set([eventID, ...before.done, ...ids])] };
}

async function* worksOf(
	journal: Journal,
	{ lake, changeOf, isSelected, signal, onProgress }: ReplayOptions,
	{ counts }: Journal,
): AsyncGenerator<Work> {
	const isDone = doneBefore(journal);
	let read = 0;
	for await (const run of readRuns(lake, { from: journal.from, to: journal.to })) {
		for (const record of run) {
			if (isDone(record) || !isSelected(record)) continue;
			const change = changeOf(record);
			if (change === null) counts.unreadable += 1;
			else yield { record, keyHash: change.keyHash };
		}
		read += run.length;
		onProgress(read);
		if (signal.aborted) return;
	}
}
