import { bind } from "../../contract/manifest.ts";
import { changesOf, compileSelection } from "../../lake/select.ts";
import type { Backup } from "../../operations/restore/backup.ts";
import { type RestoreOptions, restore as runRestore } from "../../operations/restore/restore.ts";
import { count } from "../../plan/words.ts";
import { type Command, type Io, UsageError } from "../command.ts";
import { CONNECT_OPTIONS, type Connection, originOf, pipelineOf } from "../connect.ts";
import { CONSUMER_OPTION, chooseConsumers, parseRate, RATE_OPTION, withServices } from "../operations.ts";
import { parseRange, RANGE_OPTIONS } from "../time-range.ts";
import { parseWhere, WHERE_OPTION } from "../where.ts";

export const restore: Command = {
	name: "restore",
	summary:
		"Put items that TTL deleted back from what a consumer keeps of them, with a fresh TTL. An item that the table holds is never overwritten",
	positionals: "<pipeline>",
	arity: [1, 1],
	options: {
		...CONSUMER_OPTION,
		ttl: { type: "string", value: "SECONDS", help: "How long restored items live" },
		...RANGE_OPTIONS,
		...WHERE_OPTION,
		...RATE_OPTION,
		yes: { type: "boolean", help: "Write; without it, only list what would be put back" },
		...CONNECT_OPTIONS,
	},
	examples: [
		"pipeline restore sessions --consumer expired --from 24h --ttl 86400",
		"pipeline restore sessions --consumer expired --where '{ old: { user: alice } }' --ttl 3600 --yes",
	],
	async run(args, io) {
		const [pipeline = ""] = args.positionals;
		const consumer = args.option("consumer");
		if (consumer === undefined) throw new UsageError("restore needs --consumer: whoever keeps what TTL deletes.");
		const seconds = parseTtl(args.option("ttl"));
		const range = parseRange(args, Date.now());
		const rate = parseRate(args);
		const condition = parseWhere(args.option("where"), io);
		if (condition === undefined) return 1;
		return withServices(args, io, pipeline, async (connection, services) => {
			const backup = backupOf(connection, pipeline, consumer);
			const changeOf = changesOf(originOf(connection, pipeline));
			const writes = args.flag("yes");
			const result = await runRestore(backup, services, {
				range,
				changeOf,
				isSelected: compileSelection(condition, changeOf),
				table: tableOf(connection, pipeline),
				expiresAt: Math.floor(services.now() / 1000) + seconds,
				rate,
				writes,
				signal: io.signal,
				onItem: (change, outcome) => list(change.itemJson("literal"), outcome, io),
			});
			const { restored, there, unknown } = result;
			const done = writes
				? `${count(restored, "item")} put back`
				: `${count(restored, "item")} would be put back, if the table does not hold them: give --yes`;
			io.stderr(
				`${done}, ${there} there already, ${unknown} without an old image.${io.signal.aborted ? " Stopped: run it again to go on." : ""}\n`,
			);
			return io.signal.aborted ? 1 : 0;
		});
	},
};

function list(item: string, outcome: "restored" | "there", io: Io): void {
	if (outcome === "restored") io.stdout(`${item}\n`);
}

function parseTtl(text: string | undefined): number {
	if (text === undefined || !/^[1-9]\d{0,9}$/.test(text))
		throw new UsageError(`--ttl ${text ?? "is missing"}: give the seconds that restored items live, 86400 for a day.`);
	return Number(text);
}

/** Where the consumer keeps records. Throws UsageError for one that does not keep them as they were. */
function backupOf(connection: Connection, pipeline: string, name: string): Backup {
	chooseConsumers(connection, pipeline, name, { carriers: false });
	const consumers = pipelineOf(connection.plan, pipeline).functions.flatMap(({ manifest }) => manifest.consumers);
	const settings = consumers.find((each) => each.name === name)?.settings as Partial<Backup & { content: string }>;
	const { bucket, prefix, content } = bind(settings, connection.bindings);
	if (bucket === undefined || prefix === undefined || content !== "record")
		throw new UsageError(
			`${name} does not keep records as they were: restore needs a consumer of the kind s3 with \`content: record\`.`,
		);
	return { bucket, prefix };
}

function tableOf({ plan, bindings }: Connection, pipeline: string): RestoreOptions["table"] {
	const table = pipelineOf(plan, pipeline).functions[0]?.manifest.table;
	if (!table?.ttl) throw new UsageError(`The table of ${pipeline} has no TTL: nothing of it expires.`);
	return { name: bind(table.name, bindings), partitionKey: table.keys.partition.name, ttl: table.ttl };
}
