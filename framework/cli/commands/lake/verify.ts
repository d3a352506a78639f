import type { VerifyState } from "../../../lake/verify/read-through.ts";
import { verifyLake } from "../../../lake/verify/verify.ts";
import type { Command, ExitCode } from "../../command.ts";
import { CONNECT_OPTIONS, connect, lakeOf, pipelineOf } from "../../connect.ts";
import { RANGE_OPTIONS } from "../../time-range.ts";
import { openCourse } from "../../unfinished/course.ts";
import { openUnfinished, RESUME_OPTION } from "../../unfinished/unfinished.ts";
import { askWitnesses, WITNESSES } from "../../verify/ask-witnesses.ts";
import { describeFinding, describeResult } from "../../verify/describe.ts";

const EXIT: Readonly<Record<string, ExitCode>> = { inconsistent: 1, interrupted: 2 };

export const verify: Command = {
	name: "lake verify",
	summary: "Check a lake against itself, and against witnesses of what it should hold",
	positionals: "<pipeline>",
	arity: [1, 1],
	options: {
		...RANGE_OPTIONS,
		witness: {
			type: "string",
			choices: WITNESSES,
			help: "Who else is asked: the table's stream, which keeps a day; locally the log of all changes; the metrics by which a loss would show; all of them that there are (all)",
		},
		...RESUME_OPTION,
		...CONNECT_OPTIONS,
		format: {
			type: "string",
			choices: ["human", "json"],
			help: "How to report; json: a line a finding, then the sum (human)",
		},
	},
	examples: [
		"pipeline lake verify user-actions",
		"pipeline lake verify user-actions --from 7d --witness metrics --env prod",
	],
	async run(args, io) {
		const [pipeline = ""] = args.positionals;
		const now = Date.now() / 1000;
		const unfinished = openUnfinished<VerifyState>(args, io, verify, pipeline, ["witness"]);
		const { range, left } = unfinished;
		const connection = await connect(args, io, [pipeline]);
		if (connection === null) return 1;
		const json = args.option("format") === "json";
		try {
			const place = lakeOf(connection, pipeline);
			const chosen = args.option("witness") ?? "all";
			const asked = await askWitnesses(connection, pipelineOf(connection.plan, pipeline), chosen, range, now, io);
			try {
				const course = await openCourse(unfinished, place, io, { label: "records verified" });
				const result = await verifyLake(place, range, {
					...asked,
					now,
					onFinding: (finding) => io.stdout(json ? `${JSON.stringify(finding)}\n` : describeFinding(finding)),
					onUnheard: ({ name }) => io.stderr(`The ${name} was not heard at the first start. It is not asked.\n`),
					signal: io.signal,
					read: course.read,
					left: left && { state: left.note.state, lines: left.lines },
				});
				if (result.verdict === "interrupted") course.interrupt();
				else course.finish();
				io.stdout(json ? `${JSON.stringify(result)}\n` : describeResult(result));
				return EXIT[result.verdict] ?? 0;
			} finally {
				asked.close();
			}
		} finally {
			await connection.close();
		}
	},
};
