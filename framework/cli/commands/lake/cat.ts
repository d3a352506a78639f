import { changesOf, compileSelection } from "../../../lake/select.ts";
import type { Command } from "../../command.ts";
import { CONNECT_OPTIONS, connect, lakeOf, originOf } from "../../connect.ts";
import { parseLimit } from "../../limit.ts";
import { RANGE_OPTIONS } from "../../time-range.ts";
import { openCourse } from "../../unfinished/course.ts";
import { openUnfinished, RESUME_OPTION } from "../../unfinished/unfinished.ts";
import { parseWhere, WHERE_OPTION } from "../../where.ts";

export const cat: Command = {
	name: "lake cat",
	summary: "Print a lake's records, each once, in the order of the stream",
	positionals: "<pipeline>",
	arity: [1, 1],
	options: {
		...RANGE_OPTIONS,
		...WHERE_OPTION,
		limit: { type: "string", value: "N", help: "Stop after so many records" },
		content: {
			type: "string",
			choices: ["record", "event", "item"],
			help: "As DynamoDB wrote it, as a CloudEvent, or flat (record)",
		},
		...RESUME_OPTION,
		...CONNECT_OPTIONS,
	},
	examples: [
		"pipeline lake cat user-actions --from 1h",
		"pipeline lake cat user-actions --where '{ events: [INSERT], new: { action: ClickOnLogo } }' --content item",
		"pipeline lake cat user-actions --env prod --resume >> records.ndjson",
	],
	async run(args, io) {
		const [pipeline = ""] = args.positionals;
		const limit = parseLimit(args.option("limit"), "records", Number.POSITIVE_INFINITY);
		const condition = parseWhere(args.option("where"), io);
		if (condition === undefined) return 1;
		const unfinished = openUnfinished<State>(args, io, cat, pipeline, ["where", "limit", "content"]);
		const connection = await connect(args, io, [pipeline]);
		if (connection === null) return 1;
		try {
			const changeOf = changesOf(originOf(connection, pipeline));
			const isSelected = compileSelection(condition, changeOf);
			const content = args.option("content") ?? "record";
			// Beside the records it would be among them; in a log it would be nothing but noise.
			const label = io.terminal && !io.printsToTerminal ? "records read" : null;
			const course = await openCourse(unfinished, lakeOf(connection, pipeline), io, { label, atOnce: true });
			let { printed } = unfinished.left?.note.state ?? { printed: 0 };
			for await (const run of course.read({}, () => ({ state: { printed } }))) {
				const chosen = run.filter(isSelected).slice(0, limit - printed);
				printed += chosen.length;
				const lines = chosen.map((record) => {
					if (content === "record") return record.line;
					const change = changeOf(record);
					return content === "event" ? change?.eventJson("literal") : change?.itemJson("literal");
				});
				io.stdout(lines.flatMap((line) => (line === undefined ? [] : [`${line}\n`])).join(""));
				if (printed === limit) break;
			}
			if (course.stopped()) return 1;
			course.finish();
			return 0;
		} finally {
			await connection.close();
		}
	},
};

interface State {
	/** Records, for the limit. */
	printed: number;
}
