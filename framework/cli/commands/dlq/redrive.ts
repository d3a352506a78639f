import { randomBytes } from "node:crypto";
import { listDumps } from "../../../operations/dead-letters/dumps.ts";
import { listPending, loadDumps } from "../../../operations/dead-letters/pending.ts";
import { redriveAll } from "../../../operations/dead-letters/redrive-all.ts";
import { redriveCarrier } from "../../../operations/dead-letters/redrive-carrier.ts";
import type { RedriveReport } from "../../../operations/dead-letters/redrive-types.ts";
import { withLease } from "../../../operations/lease.ts";
import type { ConsumerPlace, Services } from "../../../operations/place.ts";
import { count } from "../../../plan/words.ts";
import type { Command, Io } from "../../command.ts";
import { CONNECT_OPTIONS } from "../../connect.ts";
import {
	CONSUMER_OPTION,
	chooseConsumers,
	needFunctions,
	parseRate,
	RATE_OPTION,
	runID,
	withServices,
} from "../../operations.ts";
import { createProgress, type Progress } from "../../progress.ts";

export const redriveCommand: Command = {
	name: "dlq redrive",
	summary:
		"Deliver dead letters through the consumer's own function, in order per item. A letter goes when its record is delivered; an item leaves quarantine when its last one is. Records of a crashed batch (a dump) may have arrived before, and later ones of their items with them",
	positionals: "<pipeline>",
	arity: [1, 1],
	options: {
		...CONSUMER_OPTION,
		...RATE_OPTION,
		"dry-run": { type: "boolean", help: "Say what would be sent, and send nothing" },
		...CONNECT_OPTIONS,
	},
	examples: [
		"pipeline dlq redrive user-actions --consumer engagement --dry-run",
		"pipeline dlq redrive user-actions --consumer engagement --rate 50 --env prod",
	],
	async run(args, io) {
		const [pipeline = ""] = args.positionals;
		const rate = parseRate(args);
		return withServices(args, io, pipeline, async (connection, services) => {
			const places = chooseConsumers(connection, pipeline, args.option("consumer"), { carriers: true });
			const dry = args.flag("dry-run");
			if (!dry) needFunctions(connection);
			let left = 0;
			for (const place of places) {
				if (io.signal.aborted) break;
				left += await (dry ? preview(place, services, io) : run(place, services, rate, io));
			}
			if (io.signal.aborted) io.stderr("Stopped. What is left stays as it was; run it again to go on.\n");
			return left > 0 || io.signal.aborted ? 1 : 0;
		});
	},
};

const isCarrier = ({ together }: ConsumerPlace): boolean => together.length === 0;

async function preview(place: ConsumerPlace, services: Services, io: Io): Promise<0> {
	let [records, items] = [0, 0];
	if (isCarrier(place)) for await (const dump of listDumps(place, services)) records += dump.records.length;
	else
		for await (const item of listPending(place, services, await loadDumps(place, services))) {
			if (io.signal.aborted) return 0;
			items += 1;
			records += item.records.length;
			for (const { eventID, letter } of item.records)
				io.stdout(`${place.consumer}  ${eventID}  item ${item.keyHash.slice(0, 12)}  ${letter ? "letter" : "dump"}\n`);
		}
	const of = items > 0 ? ` of ${count(items, "item")}` : "";
	io.stdout(`${place.consumer}: ${count(records, "record")}${of} would be sent.\n`);
	return 0;
}

/** How many records are left. */
async function run(place: ConsumerPlace, services: Services, rate: number | null, io: Io): Promise<number> {
	const id = runID("redrive", services.now(), randomBytes(4).toString("hex"));
	const { signal } = io;
	return withLease(place, services, id, async (lease) => {
		if (isCarrier(place)) {
			const { delivered, left, reasons } = await redriveCarrier(place, services, { rate, signal, lease });
			for (const reason of reasons) io.stderr(`${place.consumer}  ${reason}\n`);
			if (delivered + left > 0) io.stdout(`${place.consumer}: ${count(delivered, "record")} taken, ${left} left.\n`);
			return left;
		}
		const progress = openProgress(io);
		const { delivered, skipped, left, lifted, waiting } = await redriveAll(place, services, {
			...{ id, rate, signal, lease },
			onRecord: (report) => describe(place, report, progress.say),
			onProgress: progress.advance,
		}).finally(progress.end);
		const aside = skipped > 0 ? `, ${skipped} not selected any more` : "";
		const quarantines = lifted > 0 ? `, ${count(lifted, "item")} out of quarantine` : "";
		io.stdout(`${place.consumer}: ${count(delivered, "record")} delivered${aside}${quarantines}, ${left} left.\n`);
		if (waiting > 0)
			io.stderr(
				`${place.consumer}: ${count(waiting, "item")} in quarantine until a record that is on its way is parked; run it again.\n`,
			);
		return left + waiting;
	});
}

/** A bar once it is known how much there is to do. */
function openProgress(io: Io) {
	let bar: Progress | null = null;
	return {
		advance(records: number, total: number): void {
			bar ??= createProgress(io, { label: "records", total });
			bar.advance(records);
		},
		say: (text: string): void => (bar ? bar.say(text) : io.stderr(text)),
		end: (): void => bar?.end(),
	};
}

function describe(
	{ consumer }: ConsumerPlace,
	{ eventID, keyHash, outcome, reason }: RedriveReport,
	say: (text: string) => void,
): void {
	if (outcome === "delivered") return;
	const said = {
		known: "an earlier redrive was through with it; its late copy is deleted",
		skipped:
			"is not selected by the consumer any more: no item waits for it, and `pipeline dlq drop --skipped` deletes it",
		rejected: "was refused again",
		failed: "could not be delivered",
		unreadable: "cannot be sent",
	}[outcome];
	say(`${consumer}  ${eventID}  item ${keyHash.slice(0, 12)}  ${said}${reason === null ? "" : `: ${reason}`}\n`);
}
