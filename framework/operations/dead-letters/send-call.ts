import type { LetterPlace } from "../place.ts";
import { outcomesOf, replayEvent } from "../replay-event.ts";
import type { RedriveOptions } from "./redrive-types.ts";

/** What became of a record in a call; `unasked`: nobody knows whether the consumer saw it, or it was not its turn. */
type Fate = "done" | "rejected" | "skipped" | "failed" | "unasked";

const FATES: Readonly<Record<string, Fate>> = {
	delivered: "done",
	deduplicated: "done",
	reject: "rejected",
	skipped: "skipped",
	retry: "failed",
};

export interface Sent {
	fate: Fate;
	reason: string | null;
}

/** Gives records, each of another item, to the consumer's function in one event; what became of each, in their order. */
export async function sendCall(
	{ consumer, functionName }: LetterPlace,
	records: readonly { eventID: string; text: string }[],
	{ id, deliver }: Pick<RedriveOptions, "id" | "deliver">,
): Promise<Sent[]> {
	const texts = records.map(({ text }) => text);
	const answer = await deliver(replayEvent({ replayId: id, consumer }, texts));
	if (answer.status !== "answered") return records.map(() => ({ fate: "unasked", reason: answer.reason }));
	const outcomes = outcomesOf(functionName, answer.response);
	return records.map(({ eventID }) => {
		const { outcome, reason } = outcomes.get(eventID) ?? {
			outcome: "",
			reason: "The function did not account for it.",
		};
		return { fate: FATES[outcome] ?? "unasked", reason };
	});
}
