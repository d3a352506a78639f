import { randomBytes } from "node:crypto";
import { countRecords } from "../../lake/list.ts";
import { isClosed } from "../../lake/range.ts";
import { takeLease } from "../../operations/lease.ts";
import { LostAnswerError, UnsentError } from "../../operations/operation-error.ts";
import type { ConsumerPlace } from "../../operations/place.ts";
import { type Journal, JournalError, readJournal, writeJournal } from "../../operations/replay/journal.ts";
import { liveMappings } from "../../operations/replay/pause.ts";
import { replay as runReplay } from "../../operations/replay/replay.ts";
import { consumerTarget } from "../../operations/replay/target.ts";
import { count } from "../../plan/words.ts";
import type { Arguments, Command, ExitCode, Io } from "../command.ts";
import { CONNECT_OPTIONS } from "../connect.ts";
import { CONSUMER_OPTION, needFunctions, RATE_OPTION, runID, withServices } from "../operations.ts";
import { createProgress } from "../progress.ts";
import { describePaused, isLeft, tellDone, tellLeft, untilNow } from "../replay/open-journal.ts";
import { partTo } from "../replay/parse-target.ts";
import { whilePaused } from "../replay/pause-live.ts";
import { type Job, prepare, readWish } from "../replay/prepare.ts";
import { type Counted, preview } from "../replay/preview.ts";
import { RANGE_OPTIONS } from "../time-range.ts";
import { openUnfinished, type Unfinished } from "../unfinished/unfinished.ts";
import { WHERE_OPTION } from "../where.ts";

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
		resume: {
			type: "boolean",
			help: "Go on with the consumer's interrupted replay: its range, condition and ids. With --dry-run and the same --from, go on with a dry run that was stopped",
		},
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
		const counts = args.flag("dry-run") && !wish.resumes ? openCount(args, io, pipeline) : null;
		return withServices(args, io, pipeline, async (connection, services) => {
			const job = await prepare(connection, services, pipeline, wish, args, io);
			if (job === null) return 1;
			return await (args.flag("dry-run") ? preview(job, counts, io) : execute(job, io));
		});
	},
};

/** What a dry run counts. An open end is the time of the start, as that of a replay. */
function openCount(args: Arguments, io: Io, pipeline: string): Unfinished<Counted> {
	const unfinished = openUnfinished<Counted>(args, io, replay, pipeline, ["consumer", "where", "dry-run"]);
	return { ...unfinished, range: untilNow(unfinished.range, unfinished.startedAt) };
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
