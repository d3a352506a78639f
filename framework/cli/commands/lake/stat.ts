import { countRecords } from "../../../lake/list.ts";
import { readRuns } from "../../../lake/read-records.ts";
import { changesOf } from "../../../lake/select.ts";
import { count } from "../../../plan/words.ts";
import type { Command } from "../../command.ts";
import { CONNECT_OPTIONS, connect, lakeOf, originOf } from "../../connect.ts";
import { createProgress } from "../../progress.ts";
import { parseRange, RANGE_OPTIONS } from "../../time-range.ts";

interface Statistics {
	hours: number;
	objects: number;
	/** Compressed. */
	bytes: number;
	/** Each once. */
	records: number;
	/** By what happened to the item; `malformed`: what no consumer can be given. */
	events: Record<string, number>;
	/** ISO times of the records' own, of those that have one. */
	first: string | null;
	last: string | null;
}

export const stat: Command = {
	name: "lake stat",
	summary: "Sum a lake up: records, events, sizes, first and last change",
	positionals: "<pipeline>",
	arity: [1, 1],
	options: {
		...RANGE_OPTIONS,
		...CONNECT_OPTIONS,
		format: { type: "string", choices: ["human", "json"], help: "How to report (human)" },
	},
	examples: ["pipeline lake stat user-actions", "pipeline lake stat user-actions --from 7d --env prod --format json"],
	async run(args, io) {
		const [pipeline = ""] = args.positionals;
		const range = parseRange(args, Date.now());
		const connection = await connect(args, io, [pipeline]);
		if (connection === null) return 1;
		try {
			const place = lakeOf(connection, pipeline);
			const changeOf = changesOf(originOf(connection, pipeline));
			const progress = createProgress(io, { label: "records read", total: await countRecords(place, range) });
			const sum: Statistics = { hours: 0, objects: 0, bytes: 0, records: 0, events: {}, first: null, last: null };
			const times = { first: Number.POSITIVE_INFINITY, last: 0 };
			const runs = readRuns(place, range, {
				onHour({ objects }) {
					sum.hours += 1;
					sum.objects += objects.length;
					for (const { bytes } of objects) sum.bytes += bytes;
				},
			});
			for await (const run of runs) {
				for (const record of run) {
					sum.records += 1;
					const event = changeOf(record)?.event ?? "malformed";
					sum.events[event] = (sum.events[event] ?? 0) + 1;
					if (record.time > 0) times.first = Math.min(times.first, record.time);
					times.last = Math.max(times.last, record.time);
				}
				progress.advance(sum.records);
				if (io.signal.aborted) return 1;
			}
			progress.end();
			if (times.last > 0) {
				sum.first = new Date(times.first * 1000).toISOString();
				sum.last = new Date(times.last * 1000).toISOString();
			}
			io.stdout(args.option("format") === "json" ? `${JSON.stringify(sum)}\n` : describe(sum));
			return 0;
		} finally {
			await connection.close();
		}
	},
};

function describe({ hours, objects, bytes, records, events, first, last }: Statistics): string {
	const counts = Object.entries(events).map(([event, number]) => `${event} ${number}`);
	return [
		`records  ${records}`,
		`events   ${counts.join(", ") || "none"}`,
		`changes  ${first === null ? "none" : `${first} to ${last}`}`,
		`objects  ${objects} in ${count(hours, "hour")}, ${bytes} bytes compressed`,
		"",
	].join("\n");
}
