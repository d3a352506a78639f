import { type LakeHour, listHours } from "../../../lake/list.ts";
import { isClosed } from "../../../lake/range.ts";
import type { Command } from "../../command.ts";
import { CONNECT_OPTIONS, connect, lakeOf } from "../../connect.ts";
import { parseRange, RANGE_OPTIONS } from "../../time-range.ts";

export const ls: Command = {
	name: "lake ls",
	summary: "List the hours of a lake, or its objects",
	positionals: "<pipeline>",
	arity: [1, 1],
	options: {
		...RANGE_OPTIONS,
		objects: { type: "boolean", help: "List the objects of each hour, too" },
		...CONNECT_OPTIONS,
		format: { type: "string", choices: ["human", "json"], help: "How to report; json: one line an hour (human)" },
	},
	examples: ["pipeline lake ls user-actions", "pipeline lake ls user-actions --from 24h --objects --env prod"],
	async run(args, io) {
		const [pipeline = ""] = args.positionals;
		const range = parseRange(args, Date.now());
		const connection = await connect(args, io, [pipeline]);
		if (connection === null) return 1;
		try {
			const place = lakeOf(connection, pipeline);
			const render = args.option("format") === "json" ? renderJson : renderLines;
			for await (const hour of listHours(place, range)) {
				if (io.signal.aborted) break;
				io.stdout(render(hour, Date.now() / 1000, args.flag("objects")));
			}
			return 0;
		} finally {
			await connection.close();
		}
	},
};

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
