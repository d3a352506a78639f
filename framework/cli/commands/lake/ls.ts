import { type LakeHour, listHours, listPartitions } from "../../../lake/list.ts";
import type { LakePlace } from "../../../lake/place.ts";
import { isClosed } from "../../../lake/range.ts";
import type { Command, ExitCode, Io } from "../../command.ts";
import { CONNECT_OPTIONS, connect, lakeOf } from "../../connect.ts";
import { createProgress, type Progress } from "../../progress.ts";
import { RANGE_OPTIONS } from "../../time-range.ts";
import { giveUp, openUnfinished, RESUME_OPTION, type Unfinished } from "../../unfinished/unfinished.ts";
import { openWalk } from "../../unfinished/walk.ts";

/** What is kept of a listing that was stopped. */
interface State {
	/** The last hour that was printed. */
	last: string;
}

export const ls: Command = {
	name: "lake ls",
	summary: "List the hours of a lake, or its objects",
	positionals: "<pipeline>",
	arity: [1, 1],
	options: {
		...RANGE_OPTIONS,
		objects: { type: "boolean", help: "List the objects of each hour, too" },
		...RESUME_OPTION,
		...CONNECT_OPTIONS,
		format: { type: "string", choices: ["human", "json"], help: "How to report; json: one line an hour (human)" },
	},
	examples: ["pipeline lake ls user-actions", "pipeline lake ls user-actions --from 24h --objects --env prod"],
	async run(args, io) {
		const [pipeline = ""] = args.positionals;
		const unfinished = openUnfinished<State>(args, io, ls, pipeline, ["objects"]);
		const connection = await connect(args, io, [pipeline]);
		if (connection === null) return 1;
		try {
			if (unfinished.left === null) giveUp(unfinished, io, "hour");
			const render = args.option("format") === "json" ? renderJson : renderLines;
			const print = (hour: LakeHour): void => io.stdout(render(hour, Date.now() / 1000, args.flag("objects")));
			return await list(lakeOf(connection, pipeline), unfinished, print, io);
		} finally {
			await connection.close();
		}
	},
};

async function list(
	place: LakePlace,
	unfinished: Unfinished<State>,
	print: (hour: LakeHour) => void,
	io: Io,
): Promise<ExitCode> {
	const { range, left } = unfinished;
	const last = left?.note.state.last;
	const ahead = await listPartitions(place, range);
	const numbers = new Map(ahead.map((partition, index) => [partition, index + 1]));
	const bar = openBar(io, ahead.length, left?.note.records ?? 0);
	const walk = openWalk<State>(unfinished, bar, io, "hour");
	try {
		for await (const hour of listHours(place, range, last)) {
			const number = numbers.get(hour.partition);
			bar.say("");
			if (hour.partition !== last) print(hour);
			if (number !== undefined) walk.advance(number, () => ({ state: { last: hour.partition } }));
			if (!io.signal.aborted) continue;
			walk.leave("stopped");
			return 1;
		}
	} catch (error) {
		walk.leave("failed");
		throw error;
	}
	walk.finish();
	return 0;
}

/** On a terminal only: in a log it would be nothing but noise. What is printed stands above it. */
function openBar(io: Io, total: number, before: number): Progress {
	if (!io.terminal) return { advance() {}, say() {}, end() {} };
	const bar = createProgress(io, { label: "hours listed", total, before });
	return io.printsToTerminal ? bar : { ...bar, say() {} };
}

/** What an hour comes to. Objects may overlap, so records are counted with repeats. */
function sum({ objects, strangers, start, partition }: LakeHour, now: number) {
	const add = (of: (object: LakeHour["objects"][number]) => number): number =>
		objects.reduce((total, object) => total + of(object), 0);
	return {
		partition,
		objects: objects.length,
		records: add(({ count }) => count),
		bytes: add(({ bytes }) => bytes),
		closed: isClosed(start, now),
		strangers,
	};
}

function renderJson(hour: LakeHour, now: number, withObjects: boolean): string {
	const keys = withObjects ? { keys: hour.objects.map(({ key }) => key) } : {};
	return `${JSON.stringify({ ...sum(hour, now), ...keys })}\n`;
}

function renderLines(hour: LakeHour, now: number, withObjects: boolean): string {
	const { partition, objects, records, bytes, closed, strangers } = sum(hour, now);
	const numbers = `${String(objects).padStart(6)} objects ${String(records).padStart(9)} records ${String(bytes).padStart(11)} bytes`;
	const lines = [
		`${partition} ${numbers}  ${closed ? "closed" : "open"}`,
		...(withObjects ? hour.objects.map(({ key }) => `  ${key}`) : []),
		...strangers.map((key) => `  not of a lake function: ${key}`),
	];
	return `${lines.join("\n")}\n`;
}
