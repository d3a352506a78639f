import { bind } from "../../contract/manifest.ts";
import { changesOf, compileSelection } from "../../lake/select.ts";
import type { Services } from "../../operations/place.ts";
import { type Backup, listBackup } from "../../operations/restore/backup.ts";
import {
	hoursAhead,
	type RestoreOptions,
	type RestorePlace,
	type RestoreResult,
	restore as runRestore,
} from "../../operations/restore/restore.ts";
import { count } from "../../plan/words.ts";
import { type Command, type Io, UsageError } from "../command.ts";
import { CONNECT_OPTIONS, type Connection, originOf, pipelineOf } from "../connect.ts";
import { CONSUMER_OPTION, chooseConsumers, parseRate, RATE_OPTION, withServices } from "../operations.ts";
import { createProgress } from "../progress.ts";
import { RANGE_OPTIONS } from "../time-range.ts";
import { createNoter } from "../unfinished/noter.ts";
import { giveUp, openUnfinished, RESUME_OPTION, type Unfinished } from "../unfinished/unfinished.ts";
import { parseWhere, WHERE_OPTION } from "../where.ts";

/** Options that change what is put back, and how. */
const CHOOSING = ["consumer", "ttl", "where", "yes"];

/** What is kept of a restore that was stopped; the hashes of the items met are lines beside it. */
interface State extends Omit<RestorePlace, "seen"> {
	/** Epoch seconds: all items of one restore expire together. */
	expiresAt: number;
}

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
		...RESUME_OPTION,
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
		const rate = parseRate(args);
		const condition = parseWhere(args.option("where"), io);
		if (condition === undefined) return 1;
		const unfinished = openUnfinished<State>(args, io, restore, pipeline, CHOOSING);
		const expiresAt = expiryOf(unfinished, seconds);
		return withServices(args, io, pipeline, async (connection, services) => {
			const backup = backupOf(connection, pipeline, consumer);
			const changeOf = changesOf(originOf(connection, pipeline));
			const writes = args.flag("yes");
			const result = await runNoted(unfinished, expiresAt, backup, services, io, {
				changeOf,
				isSelected: compileSelection(condition, changeOf),
				table: tableOf(connection, pipeline),
				rate,
				writes,
			});
			const { restored, there, unknown } = result;
			const done = writes
				? `${count(restored, "item")} put back, ${there} there already`
				: `${count(restored, "item")} would be put back, where the table does not hold them`;
			const wayOn = writes ? "" : " Give --yes to do it.";
			io.stderr(`${done}, ${unknown} without an old image.${wayOn}\n`);
			return io.signal.aborted ? 1 : 0;
		});
	},
};

/** Restores with a bar, and notes how far it came. */
async function runNoted(
	unfinished: Unfinished<State>,
	expiresAt: number,
	backup: Backup,
	services: Services,
	io: Io,
	options: Pick<RestoreOptions, "changeOf" | "isSelected" | "table" | "rate" | "writes">,
): Promise<RestoreResult> {
	const { range, left } = unfinished;
	if (left === null) giveUp(unfinished, io);
	const { signal } = io;
	const noter = createNoter(unfinished);
	const from = left && { ...left.note.state, seen: new Set(left.lines) };
	const hours = await listBackup(backup, services, range, signal);
	const ahead = hoursAhead(hours, from).reduce((sum, { records }) => sum + records, 0);
	let records = left?.note.records ?? 0;
	const total = (from?.before ?? 0) + ahead;
	const bar = createProgress(io, { label: "records read", total, before: records });
	const note = ({ seen, ...place }: RestorePlace, isLast: boolean): void =>
		noter.note(records, null, { state: { ...place, expiresAt }, lines: [...seen] }, isLast);
	let last: RestorePlace | null = null as RestorePlace | null;
	let isWhole = false;
	try {
		const result = await runRestore(backup, hours, services, {
			...{ ...options, range, expiresAt, from, signal },
			onItem(change, outcome) {
				if (io.printsToTerminal) bar.say("");
				list(change.itemJson("literal"), outcome, io);
			},
			onRecord(done, place) {
				// Behind a stop lies what is read again, and was counted.
				records = Math.max(records, done);
				// Names that tell no number are not in the total.
				bar.advance(Math.min(records, total));
				last = place;
				if (noter.isDue()) note(place, false);
			},
		});
		isWhole = !signal.aborted;
		return result;
	} finally {
		bar.end();
		if (!isWhole && last !== null) note(last, true);
		if (isWhole) noter.remove();
		else io.stderr(`${[`Stopped after ${count(records, "record")}.`, noter.wayOn()].join(" ").trimEnd()}\n`);
	}
}

function expiryOf({ startedAt, left }: Unfinished<State>, seconds: number): number {
	const expiresAt = left?.note.state.expiresAt ?? Math.floor(startedAt / 1000) + seconds;
	if (expiresAt * 1000 > Date.now()) return expiresAt;
	throw new UsageError(
		"What the stopped restore put back has expired by now, and so would the rest: begin anew, without --resume.",
	);
}

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
			`${name} does not keep records as they were: restore needs a consumer that writes them to S3 with \`content: record\`.`,
		);
	return { bucket, prefix };
}

function tableOf({ plan, bindings }: Connection, pipeline: string): RestoreOptions["table"] {
	const table = pipelineOf(plan, pipeline).functions[0]?.manifest.table;
	if (!table?.ttl) throw new UsageError(`The table of ${pipeline} has no TTL: nothing of it expires.`);
	return { name: bind(table.name, bindings), partitionKey: table.keys.partition.name, ttl: table.ttl };
}
