import { randomBytes } from "node:crypto";
import { countRecords } from "../../lake/list.ts";
import { isClosed } from "../../lake/range.ts";
import { readRuns } from "../../lake/read-records.ts";
import { changesOf, compileSelection } from "../../lake/select.ts";
import { takeLease } from "../../operations/lease.ts";
import { LostAnswerError, UnsentError } from "../../operations/operation-error.ts";
import type { ConsumerPlace, Services } from "../../operations/place.ts";
import {
	type Journal,
	JournalError,
	type JournalPlace,
	readJournal,
	writeJournal,
} from "../../operations/replay/journal.ts";
import { liveMappings } from "../../operations/replay/pause.ts";
import { type ReplayOptions, replay as runReplay } from "../../operations/replay/replay.ts";
import { consumerTarget } from "../../operations/replay/target.ts";
import { count } from "../../plan/words.ts";
import { type Arguments, type Command, type ExitCode, type Io, UsageError } from "../command.ts";
import { CONNECT_OPTIONS, type Connection, lakeOf, originOf } from "../connect.ts";
import {
	CONSUMER_OPTION,
	chooseConsumers,
	needFunctions,
	parseRate,
	RATE_OPTION,
	runID,
	withServices,
} from "../operations.ts";
import { createProgress } from "../progress.ts";
import { describePaused, isLeft, openJournal, tellDone, tellLeft } from "../replay/open-journal.ts";
import { type OtherCode, parseTarget, partTo } from "../replay/parse-target.ts";
import { whilePaused } from "../replay/pause-live.ts";
import { RANGE_OPTIONS } from "../time-range.ts";
import { parseWhere, WHERE_OPTION } from "../where.ts";

/** Rejected records that are named; the others are counted. */
const NAMED = 20;

export const replay: Command = {
	name: "replay",
	summary:
		"Send events from the lake once more, to one consumer through its own function, in order per item. No other consumer and not the lake is touched. Without --pause-live the order against events that arrive meanwhile is not promised",
	positionals: "<pipeline>",
	arity: [1, 1],
	options: {
		...CONSUMER_OPTION,
		from: RANGE_OPTIONS.from,
		to: {
			...RANGE_OPTIONS.to,
			multiple: true,
			value: "T|TARGET",
			help: "Records before this time (now). Or, instead of --consumer, other code: the ARN of a function, a file.ts that exports `handler`, or a URL that takes CloudEvents; may be given for both",
		},
		...WHERE_OPTION,
		...RATE_OPTION,
		"dry-run": { type: "boolean", help: "Count what would be sent, and send nothing" },
		resume: { type: "boolean", help: "Go on with the consumer's interrupted replay: its range, condition and ids" },
		"new-ids": { type: "boolean", help: "Give events ids of this replay, for receivers that ignore ids they know" },
		"pause-live": {
			type: "boolean",
			help: "Hold live events of the consumer's function meanwhile, by disabling its mapping",
		},
		...CONNECT_OPTIONS,
	},
	examples: [
		"pipeline replay user-actions --consumer engagement --from 2026-11-24T09:00Z --to 2026-11-24T10:00Z --dry-run",
		"pipeline replay user-actions --consumer engagement --from 24h --rate 100 --pause-live --env prod",
		"pipeline replay user-actions --from 7d --where '{ new: { action: ClickOnLogo } }' --to ./handler.ts",
	],
	async run(given, io) {
		const [pipeline = ""] = given.positionals;
		const { target, args } = partTo(given);
		const wish = readWish(args, target, io);
		return withServices(args, io, pipeline, async (connection, services) => {
			const job = await prepare(connection, services, pipeline, wish, args, io);
			if (job === null) return 1;
			return await (args.flag("dry-run") ? preview(job, io) : execute(job, io));
		});
	},
};

interface Wish {
	other: OtherCode | null;
	consumer: string | undefined;
	rate: number | null;
}

/** Refuses what does not go together, before anything is touched. */
function readWish(args: Arguments, target: string | null, io: Io): Wish {
	const consumer = args.option("consumer");
	if ((consumer === undefined) === (target === null))
		throw new UsageError("replay needs --consumer, or else --to with a function ARN, a file or a URL.");
	if (target !== null && (args.flag("pause-live") || args.flag("new-ids")))
		throw new UsageError("--pause-live and --new-ids are for a --consumer: other code gets events as they are.");
	const fixed = ["from", "to", "where"].filter((name) => args.option(name) !== undefined);
	if (args.flag("resume") && (fixed.length > 0 || args.flag("new-ids")))
		throw new UsageError(
			"--resume goes on with what the replay began with: leave out --from, --to, --where and --new-ids.",
		);
	if (!args.flag("resume") && args.option("from") === undefined)
		throw new UsageError("replay needs --from: a time or an age; --from 1970-01-01 for everything.");
	return { other: target === null ? null : parseTarget(target, io.cwd), consumer, rate: parseRate(args) };
}

/** Everything that a replay needs, before it begins. */
interface Job {
	connection: Connection;
	services: Services;
	journalPlace: JournalPlace;
	journal: Journal;
	/** The replay before it that was not finished; null if there is none. */
	left: Journal | null;
	/** null for other code. */
	consumer: ConsumerPlace | null;
	pauses: boolean;
	resumes: boolean;
	options: Omit<ReplayOptions, "target" | "renew" | "onProgress" | "onRejected">;
	other: OtherCode | null;
}

async function prepare(
	connection: Connection,
	services: Services,
	pipeline: string,
	{ other, consumer: name, rate }: Wish,
	args: Arguments,
	io: Io,
): Promise<Job | null> {
	const chosen = chooseConsumers(connection, pipeline, name, { carriers: false });
	const consumer = name === undefined ? null : (chosen[0] ?? null);
	const bucket = chosen[0]?.bucket;
	if (bucket === undefined) throw new UsageError(`${pipeline} has no consumer.`);
	const { s3 } = connection;
	const journalPlace: JournalPlace = { s3, bucket, pipeline, name: other?.name ?? name ?? "" };
	const known = await readJournal(journalPlace);
	const journal = openJournal(journalPlace, known, args, io);
	if (journal === null) return null;
	const condition = parseWhere(journal.where ?? undefined, io);
	if (condition === undefined) return null;
	const changeOf = changesOf(originOf(connection, pipeline));
	const lake = lakeOf(connection, pipeline);
	const isSelected = compileSelection(condition, changeOf);
	const options = { lake, changeOf, isSelected, rate, signal: io.signal };
	const left = known !== null && isLeft(known) ? known : null;
	const given = { pauses: args.flag("pause-live"), resumes: args.flag("resume") };
	return { connection, services, journalPlace, journal, left, consumer, ...given, options, other };
}

async function preview(job: Job, io: Io): Promise<ExitCode> {
	const { journal, left } = job;
	const { lake, changeOf, isSelected, signal } = job.options;
	if (left) io.stderr(describePaused(left));
	let [records, unreadable] = [0, 0];
	const items = new Set<string>();
	for await (const run of readRuns(lake, journal)) {
		if (signal.aborted) return 2;
		for (const record of run.filter(isSelected)) {
			const change = changeOf(record);
			if (change === null) unreadable += 1;
			else items.add(change.keyHash);
			records += change === null ? 0 : 1;
		}
	}
	io.stdout(`${count(records, "record")} of ${count(items.size, "item")} would be sent.\n`);
	if (unreadable > 0) io.stdout(`${count(unreadable, "record")} that no consumer can be given would be left out.\n`);
	return 0;
}

async function execute(job: Job, io: Io): Promise<ExitCode> {
	const { consumer, other, services, journal, connection } = job;
	if (consumer || other?.given.startsWith("arn:")) needFunctions(connection);
	if (!isClosed(journal.to - 3600, services.now() / 1000))
		io.stderr("The range has hours that the lake function may still add to: what it has not stored yet is not sent.\n");
	if (!consumer) {
		tellLeft(job, io);
		return send(job, io, async () => {});
	}
	const holder = runID("replay", services.now(), randomBytes(4).toString("hex"));
	const lease = await takeLease(consumer, services, holder).catch((error) => {
		if (job.left) io.stderr(describePaused(job.left));
		throw error;
	});
	let lost = false;
	try {
		// Until now another may have gone on with the same one.
		const journal = job.resumes ? await readJournal(job.journalPlace) : job.journal;
		if (journal === null || (job.resumes && !isLeft(journal))) return tellDone(job.journal, io);
		const own = { ...job, journal };
		tellLeft(own, io);
		return await paused(own, consumer, io, () => send(own, io, lease.renew));
	} catch (error) {
		lost = error instanceof LostAnswerError;
		throw error;
	} finally {
		if (!lost) await lease.release();
	}
}

/** Sends while live events are held, if that was asked for, or if an earlier run was killed while it held them. */
async function paused(job: Job, consumer: ConsumerPlace, io: Io, work: () => Promise<ExitCode>): Promise<ExitCode> {
	const { services, journal, journalPlace } = job;
	const live = job.pauses ? await liveMappings(consumer.functionName, services) : [];
	const ids = [...new Set([...journal.paused, ...live])];
	if (ids.length === 0) return work();
	// Before any is disabled: whoever resumes after a kill knows what to enable.
	journal.paused = ids;
	await writeJournal(journalPlace, journal, services.now());
	const still: string[] = [];
	let code: ExitCode = 2;
	try {
		await whilePaused(ids, still, consumer, services, io, async () => {
			code = await work();
		});
	} finally {
		const last = await readJournal(journalPlace);
		if (last) await writeJournal(journalPlace, { ...last, paused: still }, services.now());
	}
	return still.length > 0 ? 1 : code;
}

async function send(job: Job, io: Io, renew: () => Promise<void>): Promise<ExitCode> {
	const { consumer, other, services, journal, journalPlace, options } = job;
	const target = consumer
		? consumerTarget(consumer, services, { replayId: journal.replayId, newIds: journal.newIds })
		: await other?.open(services, options.changeOf);
	if (!target) throw new Error("a replay without a target");
	const progress = createProgress(io, { label: "records read", total: await countRecords(options.lake, journal) });
	let named = 0;
	const onRejected = (eventID: string, reason: string | null): void => {
		if (named++ < NAMED) progress.say(`${eventID} was refused: ${reason}\n`);
	};
	try {
		const ended = await runReplay(journalPlace, journal, services, {
			...options,
			target,
			renew,
			onProgress: progress.advance,
			onRejected,
		});
		progress.end();
		io.stdout(describe(ended, consumer !== null));
		return ended.state === "done" && ended.counts.rejected === 0 ? 0 : 1;
	} catch (error) {
		progress.end();
		io.stderr(
			error instanceof JournalError
				? "The replay was interrupted. What its journal does not know is sent again: --resume goes on from its last note, or begin anew if it has none.\n"
				: "The replay was interrupted. What is done is in its journal: --resume goes on from there.\n",
		);
		if (!(error instanceof UnsentError)) throw error;
		io.stderr(`${error.message}\n`);
		return 1;
	}
}

function describe({ replayId, state, counts }: Journal, parks: boolean): string {
	const { delivered, skipped, rejected, unreadable } = counts;
	const lines = [
		`${replayId}: ${count(delivered, "record")} delivered`,
		...(skipped > 0 ? [`${skipped} that the consumer's condition does not select`] : []),
		...(rejected > 0 ? [`${rejected} refused${parks ? ", parked as dead letters" : ""}`] : []),
		...(unreadable > 0 ? [`${unreadable} left out: no consumer can be given them`] : []),
	];
	const end = state === "done" ? "" : " Interrupted: --resume goes on.";
	return `${lines.join(", ")}.${end}\n`;
}
