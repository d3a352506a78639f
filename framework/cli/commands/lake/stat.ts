import type { LakeHour } from "../../../lake/list.ts";
import { changesOf } from "../../../lake/select.ts";
import { count } from "../../../plan/words.ts";
import type { Command } from "../../command.ts";
import { CONNECT_OPTIONS, connect, lakeOf, originOf } from "../../connect.ts";
import { RANGE_OPTIONS } from "../../time-range.ts";
import { openCourse } from "../../unfinished/course.ts";
import { openUnfinished, RESUME_OPTION } from "../../unfinished/unfinished.ts";

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
		...RESUME_OPTION,
		...CONNECT_OPTIONS,
		format: { type: "string", choices: ["human", "json"], help: "How to report (human)" },
	},
	examples: ["pipeline lake stat user-actions", "pipeline lake stat user-actions --from 7d --env prod --format json"],
	async run(args, io) {
		const [pipeline = ""] = args.positionals;
		const unfinished = openUnfinished<State>(args, io, stat, pipeline);
		const connection = await connect(args, io, [pipeline]);
		if (connection === null) return 1;
		try {
			const changeOf = changesOf(originOf(connection, pipeline));
			const { sum, times } = unfinished.left?.note.state ?? begin();
			const course = await openCourse(unfinished, lakeOf(connection, pipeline), io, { label: "records read" });
			const add = ({ objects }: LakeHour): void => {
				sum.objects += objects.length;
				for (const { bytes } of objects) sum.bytes += bytes;
			};
			const onHour = (hour: LakeHour): void => {
				sum.hours += 1;
				add(hour);
			};
			for await (const run of course.read({ onHour, onLate: add }, () => ({ state: { sum, times } })))
				for (const record of run) {
					sum.records += 1;
					const event = changeOf(record)?.event ?? "malformed";
					sum.events[event] = (sum.events[event] ?? 0) + 1;
					if (record.time === 0) continue;
					times.first = Math.min(times.first ?? record.time, record.time);
					times.last = Math.max(times.last ?? record.time, record.time);
				}
			if (course.stopped()) return 1;
			const shown = { ...sum, first: isoOf(times.first), last: isoOf(times.last) };
			io.stdout(args.option("format") === "json" ? `${JSON.stringify(shown)}\n` : describe(shown));
			course.finish();
			return 0;
		} finally {
			await connection.close();
		}
	},
};

/** What was summed up so far. */
interface State {
	sum: Omit<Statistics, "first" | "last">;
	/** Epoch seconds; null = no record has a time. */
	times: { first: number | null; last: number | null };
}

const begin = (): State => ({
	sum: { hours: 0, objects: 0, bytes: 0, records: 0, events: {} },
	times: { first: null, last: null },
});

const isoOf = (seconds: number | null): string | null =>
	seconds === null ? null : new Date(seconds * 1000).toISOString();

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
