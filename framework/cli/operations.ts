import { setTimeout as sleep } from "node:timers/promises";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { suggest } from "../diagnostics/suggest.ts";
import { type ConsumerPlace, carriersOf, consumersOf, type Services } from "../operations/place.ts";
import { type Arguments, type CommandOption, type ExitCode, type Io, UsageError } from "./command.ts";
import { type Connection, connect, pipelineOf } from "./connect.ts";

export const CONSUMER_OPTION = {
	consumer: { type: "string", value: "C", help: "One consumer" },
} as const satisfies Record<string, CommandOption>;

export const RATE_OPTION = {
	rate: { type: "string", value: "N", help: "At most so many records a second (as fast as the function takes them)" },
} as const satisfies Record<string, CommandOption>;

/**
 * Does a command's work on a pipeline with what operations reach its resources with, and closes all of it. 1 where there is nothing to connect to: that
 * was said. A sleep ends early when the command is stopped.
 */
export async function withServices(
	args: Arguments,
	io: Io,
	pipeline: string,
	work: (connection: Connection, services: Services) => Promise<ExitCode>,
): Promise<ExitCode> {
	const connection = await connect(args, io, [pipeline]);
	if (connection === null) return 1;
	const { s3, client } = connection;
	const dynamodb = new DynamoDBClient(client);
	const lambda = new LambdaClient({ ...client, maxAttempts: 1 });
	const pause = (milliseconds: number): Promise<void> =>
		sleep(milliseconds, undefined, { signal: io.signal }).catch(() => {});
	try {
		return await work(connection, { s3, dynamodb, lambda, now: Date.now, sleep: pause });
	} finally {
		dynamodb.destroy();
		lambda.destroy();
		await connection.close();
	}
}

/** The consumers that a command is about: the one that is named, or all. With `carriers`, the lake and a forwarding router too. */
export function chooseConsumers(
	{ plan, bindings }: Connection,
	name: string,
	consumer: string | undefined,
	{ carriers }: { carriers: boolean },
): ConsumerPlace[] {
	const pipeline = pipelineOf(plan, name);
	const places = [...consumersOf(pipeline, bindings), ...(carriers ? carriersOf(pipeline, bindings) : [])];
	if (consumer === undefined) return places;
	const found = places.filter((place) => place.consumer === consumer);
	if (found.length > 0) return found;
	const names = places.map((place) => place.consumer);
	throw new UsageError(`${name} has no consumer "${consumer}". ${suggest(consumer, names)}`);
}

/** Functions must run for what is sent to them. */
export function needFunctions({ running }: Connection): void {
	if (!running)
		throw new UsageError("No function runs here: start `pipeline dev` in another terminal, then run this again.");
}

export function parseRate(args: Arguments): number | null {
	const text = args.option("rate");
	if (text === undefined) return null;
	const rate = Number(text);
	if (!/^\d+(\.\d+)?$/.test(text) || rate <= 0) throw new UsageError(`--rate ${text}: give records a second, above 0.`);
	return rate;
}

/** Names a run of a command: for marks in what it sends, and for its hold on a consumer. */
export function runID(what: string, now: number, random: string): string {
	return `${what}-${new Date(now).toISOString().replace(/[-:]|\.\d+/g, "")}-${random}`;
}
