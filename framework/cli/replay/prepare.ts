import { changesOf, compileSelection } from "../../lake/select.ts";
import type { ConsumerPlace, Services } from "../../operations/place.ts";
import { type Journal, type JournalPlace, readJournal } from "../../operations/replay/journal.ts";
import type { ReplayOptions } from "../../operations/replay/replay.ts";
import { type Arguments, type Io, UsageError } from "../command.ts";
import { type Connection, lakeOf, originOf } from "../connect.ts";
import { chooseConsumers, parseRate } from "../operations.ts";
import { parseWhere } from "../where.ts";
import { isLeft, openJournal } from "./open-journal.ts";
import { type OtherCode, parseTarget } from "./parse-target.ts";

export interface Wish {
	other: OtherCode | null;
	consumer: string | undefined;
	rate: number | null;
	/** Goes on with the interrupted replay; a dry run counts what that has still to send. */
	resumes: boolean;
}

/** Refuses what does not go together, before anything is touched. */
export function readWish(args: Arguments, target: string | null, io: Io): Wish {
	const consumer = args.option("consumer");
	if ((consumer === undefined) === (target === null))
		throw new UsageError("replay needs --consumer, or else --to with a function ARN, a file or a URL.");
	if (target !== null && (args.flag("pause-live") || args.flag("new-ids")))
		throw new UsageError("--pause-live and --new-ids are for a --consumer: other code gets events as they are.");
	const begins = args.option("from") !== undefined;
	const countsOn = args.flag("dry-run") && args.flag("resume") && begins;
	const resumes = args.flag("resume") && !countsOn;
	const fixed = ["from", "to", "where"].filter((name) => args.option(name) !== undefined);
	if (resumes && (fixed.length > 0 || args.flag("new-ids")))
		throw new UsageError(
			"--resume goes on with what the replay began with: leave out --from, --to, --where and --new-ids.",
		);
	if (!resumes && !begins)
		throw new UsageError("replay needs --from: a time or an age; --from 1970-01-01 for everything.");
	return {
		other: target === null ? null : parseTarget(target, io.cwd),
		consumer,
		rate: parseRate(args),
		resumes,
	};
}

/** Everything that a replay needs, before it begins. */
export interface Job {
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

/** null where there is nothing to do, which was said. */
export async function prepare(
	connection: Connection,
	services: Services,
	pipeline: string,
	{ other, consumer: name, rate, resumes }: Wish,
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
	const journal = openJournal(journalPlace, known, args, resumes, io);
	if (journal === null) return null;
	const condition = parseWhere(journal.where ?? undefined, io);
	if (condition === undefined) return null;
	const changeOf = changesOf(originOf(connection, pipeline));
	const lake = lakeOf(connection, pipeline);
	const isSelected = compileSelection(condition, changeOf);
	const options = { lake, changeOf, isSelected, rate, signal: io.signal };
	const left = known !== null && isLeft(known) ? known : null;
	const given = { pauses: args.flag("pause-live"), resumes };
	return { connection, services, journalPlace, journal, left, consumer, ...given, options, other };
}
