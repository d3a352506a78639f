import { isUtf8 } from "node:buffer";
import { listDumps } from "../../../operations/dead-letters/dumps.ts";
import { bytesOf, listLetters, listSkipped, readLetter } from "../../../operations/dead-letters/letters.ts";
import type { ConsumerPlace, Services } from "../../../operations/place.ts";
import { recordText } from "../../../operations/replay-event.ts";
import type { DeadLetter } from "../../../runtime/dead-letters.ts";
import type { Command } from "../../command.ts";
import { CONNECT_OPTIONS } from "../../connect.ts";
import { CONSUMER_OPTION, chooseConsumers, withServices } from "../../operations.ts";
import { describeRedrive, readRedrive } from "../../redrive-state.ts";

export const show: Command = {
	name: "dlq show",
	summary: "Show one dead letter whole",
	positionals: "<pipeline> <eventID>",
	arity: [2, 2],
	options: { ...CONSUMER_OPTION, ...CONNECT_OPTIONS },
	examples: ["pipeline dlq show user-actions 2a7961c7e109606c28e0d820f0b4a28f --consumer engagement"],
	async run(args, io) {
		const [pipeline = "", eventID = ""] = args.positionals;
		return withServices(args, io, pipeline, async (connection, services) => {
			let found = 0;
			for (const place of chooseConsumers(connection, pipeline, args.option("consumer"), { carriers: true }))
				for await (const shown of find(place, services, eventID)) {
					found += 1;
					io.stdout(`${indent(shown)}\n`);
				}
			if (found === 0)
				io.stderr(`No dead letter and no dump holds the event ${eventID}; \`pipeline dlq ls\` lists them.\n`);
			return found > 0 ? 0 : 1;
		});
	},
};

const indent = (value: object): string => JSON.stringify(JSON.parse(recordText(value)), null, 2);

/** What can be said of data that were no record. */
function describeBytes(letter: DeadLetter): object {
	const bytes = bytesOf(letter);
	if (bytes === null) return {};
	const note =
		"Its data are no JSON: no consumer can be given them, and a redrive leaves them here until they are dropped.";
	return { note, ...(isUtf8(bytes) && { text: bytes.toString("utf8") }) };
}

async function* find(place: ConsumerPlace, services: Services, eventID: string): AsyncGenerator<object> {
	for (const letters of [listLetters(place, services), listSkipped(place, services)])
		for await (const ref of letters) {
			if (ref.eventID !== eventID) continue;
			const letter = await readLetter(place, services, ref.key);
			if (!letter) continue;
			const redrive = await readRedrive(place, services, ref.keyHash);
			yield {
				...letter,
				...(redrive && { redrive: describeRedrive(redrive) }),
				...describeBytes(letter),
				key: ref.key,
			};
		}
	for await (const { key, condition, at, invocations, records } of listDumps(place, services))
		for (const { record } of records.filter((each) => each.eventID === eventID)) {
			const { pipeline, consumer } = place;
			const what = { reason: `${condition}: a crashed batch, whether it arrived is unknown`, attempts: invocations };
			yield { pipeline, consumer, eventID, ...what, dumpedAt: at, record, key };
		}
}
