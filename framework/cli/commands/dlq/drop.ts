import { randomBytes } from "node:crypto";
import { deleteSkipped, dropLetters } from "../../../operations/dead-letters/drop.ts";
import { type LetterRef, listLetters, listSkipped } from "../../../operations/dead-letters/letters.ts";
import { withLease } from "../../../operations/lease.ts";
import { count } from "../../../plan/words.ts";
import { type Command, UsageError } from "../../command.ts";
import { CONNECT_OPTIONS } from "../../connect.ts";
import { CONSUMER_OPTION, chooseConsumers, runID, withServices } from "../../operations.ts";

export const drop: Command = {
	name: "dlq drop",
	summary: "Delete dead letters for good. An item that has none left leaves its quarantine",
	positionals: "<pipeline>",
	arity: [1, 1],
	options: {
		...CONSUMER_OPTION,
		event: {
			type: "string",
			multiple: true,
			value: "ID",
			help: "The letter of this event; may be repeated (all of the consumer)",
		},
		skipped: {
			type: "boolean",
			help: "The letters that a redrive found not to be selected any more, instead of those that wait",
		},
		yes: { type: "boolean", help: "Delete; without it, only say what would be deleted" },
		...CONNECT_OPTIONS,
	},
	examples: [
		"pipeline dlq drop user-actions --consumer engagement",
		"pipeline dlq drop user-actions --consumer engagement --skipped --yes",
		"pipeline dlq drop user-actions --consumer engagement --event 2a7961c7e109606c28e0d820f0b4a28f --yes",
	],
	async run(args, io) {
		const [pipeline = ""] = args.positionals;
		const consumer = args.option("consumer");
		if (consumer === undefined)
			throw new UsageError("dlq drop needs --consumer: it deletes for one consumer at a time.");
		return withServices(args, io, pipeline, async (connection, services) => {
			const [place] = chooseConsumers(connection, pipeline, consumer, { carriers: false });
			if (!place) return 1;
			const skipped = args.flag("skipped");
			const all = (): AsyncGenerator<LetterRef> => (skipped ? listSkipped : listLetters)(place, services);
			const letters = (): AsyncGenerator<LetterRef> => choose(all(), args.all("event"));
			if (!args.flag("yes")) {
				let total = 0;
				for await (const { eventID, keyHash } of letters()) {
					total += 1;
					io.stdout(`${consumer}  ${eventID}  item ${keyHash.slice(0, 12)}\n`);
				}
				io.stderr(`${count(total, "letter")} would be deleted for good: give --yes.\n`);
				return 0;
			}
			const id = runID("drop", services.now(), randomBytes(4).toString("hex"));
			const { dropped, lifted } = await withLease(place, services, id, () =>
				(skipped ? deleteSkipped : dropLetters)(place, services, letters()),
			);
			io.stdout(`${count(dropped, "letter")} deleted, ${count(lifted, "item")} out of quarantine.\n`);
			return dropped > 0 ? 0 : 1;
		});
	},
};

async function* choose(letters: AsyncIterable<LetterRef>, events: readonly string[]): AsyncGenerator<LetterRef> {
	for await (const letter of letters) if (events.length === 0 || events.includes(letter.eventID)) yield letter;
}
