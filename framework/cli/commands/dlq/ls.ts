import { listDumps } from "../../../operations/dead-letters/dumps.ts";
import {
	bytesOf,
	type LetterRef,
	listLetters,
	listSkipped,
	readLetter,
} from "../../../operations/dead-letters/letters.ts";
import type { NextAttempt } from "../../../operations/dead-letters/next-attempt.ts";
import type { ConsumerPlace, Services } from "../../../operations/place.ts";
import { count } from "../../../plan/words.ts";
import type { Command } from "../../command.ts";
import { CONNECT_OPTIONS } from "../../connect.ts";
import { CONSUMER_OPTION, chooseConsumers, withServices } from "../../operations.ts";
import { describeRedrive, readRedrive } from "../../redrive-state.ts";

export const ls: Command = {
	name: "dlq ls",
	summary: "List the dead letters and the dumps of crashed batches, with what went wrong",
	positionals: "<pipeline>",
	arity: [1, 1],
	options: {
		...CONSUMER_OPTION,
		...CONNECT_OPTIONS,
		format: {
			type: "string",
			choices: ["human", "json"],
			help: "How to report; json: one line a letter or dump (human)",
		},
	},
	examples: ["pipeline dlq ls user-actions", "pipeline dlq ls user-actions --consumer engagement --format json"],
	async run(args, io) {
		const [pipeline = ""] = args.positionals;
		return withServices(args, io, pipeline, async (connection, services) => {
			const render = args.option("format") === "json" ? (row: Row) => `${JSON.stringify(row)}\n` : renderRow;
			const found = { letter: 0, dump: 0 };
			for (const place of chooseConsumers(connection, pipeline, args.option("consumer"), { carriers: true }))
				for await (const row of rowsOf(place, services)) {
					if (io.signal.aborted) return 2;
					found[row.kind] += 1;
					io.stdout(render(row));
				}
			io.stderr(`${count(found.letter, "dead letter")}, ${count(found.dump, "dump")} of crashed batches.\n`);
			return 0;
		});
	},
};

/**
 * `attempts` of a dump are invocations of its function; whether its records arrived is unknown. A letter that is `skipped` is one that
 * the consumer does not select any more: no item waits for it.
 */
interface Row {
	consumer: string;
	kind: "letter" | "dump";
	eventIDs: readonly string[];
	keyHash: string | null;
	outcome: "parked" | "skipped" | "unknown";
	reason: string;
	attempts: number;
	firstFailedAt: string | null;
	lastFailedAt: string;
	/** Of the first letter of an item: when it is redriven by itself, or why not; null where nothing is. */
	redrive: NextAttempt | null;
	/** false: its data were no JSON, and no consumer can be given them. */
	readable: boolean;
	key: string;
}

async function* rowsOf(place: ConsumerPlace, services: Services): AsyncGenerator<Row> {
	const { consumer } = place;
	let item: string | null = null;
	for await (const ref of listLetters(place, services)) {
		const redrive = ref.keyHash === item ? null : await readRedrive(place, services, ref.keyHash);
		item = ref.keyHash;
		yield* rowOf(place, services, ref, { outcome: "parked", redrive });
	}
	for await (const ref of listSkipped(place, services))
		yield* rowOf(place, services, ref, { outcome: "skipped", redrive: null });
	for await (const { key, condition, at, invocations, records } of listDumps(place, services)) {
		const eventIDs = records.map(({ eventID }) => eventID);
		const rest = { keyHash: null, outcome: "unknown", reason: condition, attempts: invocations } as const;
		yield {
			consumer,
			kind: "dump",
			eventIDs,
			...rest,
			firstFailedAt: null,
			lastFailedAt: at,
			redrive: null,
			readable: true,
			key,
		};
	}
}

/** One row, or none for a letter that somebody has taken away meanwhile. */
async function* rowOf(
	place: ConsumerPlace,
	services: Services,
	{ key, keyHash }: LetterRef,
	known: Pick<Row, "outcome" | "redrive">,
): AsyncGenerator<Row> {
	const letter = await readLetter(place, services, key);
	if (letter === null) return;
	const { consumer } = place;
	const { eventID, reason, attempts, firstFailedAt, parkedAt: lastFailedAt } = letter;
	const what = { consumer, kind: "letter", eventIDs: [eventID], keyHash, reason, attempts } as const;
	yield { ...what, firstFailedAt, lastFailedAt, ...known, readable: bytesOf(letter) === null, key };
}

function renderRow({
	consumer,
	kind,
	eventIDs,
	keyHash,
	reason,
	attempts,
	firstFailedAt,
	lastFailedAt,
	outcome,
	redrive,
	readable,
	key,
}: Row): string {
	const when = firstFailedAt === null ? lastFailedAt : `${firstFailedAt} to ${lastFailedAt}`;
	const what =
		kind === "letter"
			? `${eventIDs[0]}  item ${keyHash?.slice(0, 12)}  ${count(attempts, "attempt")}`
			: `${count(eventIDs.length, "record")} of a crashed batch, outcome unknown  ${key}`;
	const more = [
		...(redrive === null ? [] : [describeRedrive(redrive)]),
		...(outcome === "skipped" ? ["not selected by the consumer any more: no item waits for it"] : []),
		...(readable ? [] : ["its data are no JSON: it cannot be redriven, only dropped"]),
	];
	return [`${consumer}  ${what}  ${when}`, reason, ...more].join("\n  ").concat("\n");
}
