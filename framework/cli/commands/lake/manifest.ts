import { bind } from "../../../contract/manifest.ts";
import { suggest } from "../../../diagnostics/suggest.ts";
import { type Command, UsageError } from "../../command.ts";
import { CONNECT_OPTIONS, connect, pipelineOf } from "../../connect.ts";

/** What a consumer that writes objects was given, whatever its kind. */
interface ObjectSettings {
	bucket: string;
	prefix: string;
	content: string;
	columns?: object;
}

export const manifest: Command = {
	name: "lake manifest",
	summary: "Print the manifest by which QuickSight reads the objects of a consumer",
	positionals: "<pipeline>",
	arity: [1, 1],
	options: {
		consumer: { type: "string", value: "C", help: "The consumer that writes the objects: flat rows, `content: item`" },
		...CONNECT_OPTIONS,
	},
	examples: ["pipeline lake manifest user-actions --consumer clicks-for-quicksight --env prod > manifest.json"],
	async run(args, io) {
		const [pipeline = ""] = args.positionals;
		const wanted = args.option("consumer");
		if (wanted === undefined) throw new UsageError("--consumer is missing: the one that writes the objects.");
		const connection = await connect(args, io, [pipeline]);
		if (connection === null) return 1;
		try {
			const consumers = pipelineOf(connection.plan, pipeline).functions.flatMap((each) => each.manifest.consumers);
			const consumer = consumers.find(({ name }) => name === wanted);
			if (!consumer) {
				const names = consumers.map(({ name }) => name);
				throw new UsageError(`The pipeline ${pipeline} has no consumer "${wanted}". ${suggest(wanted, names)}`);
			}
			if (!writesRows(consumer.settings))
				throw new UsageError(`${wanted} writes no flat rows to S3: QuickSight reads what has \`content: item\`.`);
			const { bucket, prefix } = bind(consumer.settings, connection.bindings);
			if (consumer.settings.columns === undefined)
				io.stderr(
					`${wanted} names no \`columns\`: its rows have whatever their items have, and QuickSight wants the same columns in all files.\n`,
				);
			io.stdout(`${JSON.stringify(quickSightManifest(`s3://${bucket}/${prefix}/`), null, 2)}\n`);
			return 0;
		} finally {
			await connection.close();
		}
	},
};

function writesRows(settings: unknown): settings is ObjectSettings {
	const { bucket, prefix, content } = settings as Partial<Record<keyof ObjectSettings, unknown>>;
	return typeof bucket === "string" && typeof prefix === "string" && content === "item";
}

/** Amazon QuickSight user guide, "Supported formats for Amazon S3 manifest files": of JSON only the format may be said. */
function quickSightManifest(prefix: string): object {
	return { fileLocations: [{ URIPrefixes: [prefix] }], globalUploadSettings: { format: "JSON" } };
}
