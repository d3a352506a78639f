import { randomBytes } from "node:crypto";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import type { BatchResponse, Handler, LambdaContext } from "../../contract/lambda.ts";
import type { Manifest } from "../../contract/manifest.ts";
import { REDRIVE_METRICS } from "../../contract/metrics.ts";
import { stateScope } from "../../contract/places.ts";
import { REDRIVE_SOURCE, type RedriveEvent } from "../../contract/redrive.ts";
import { recordAgeBackstop, TABLE_STREAM_RETENTION_HOURS } from "../../contract/retention.ts";
import { safeEventID } from "../../runtime/arrival.ts";
import { embeddedMetrics } from "../../runtime/json-observer.ts";
import type { Surroundings } from "../../runtime/lambda.ts";
import { describeError, OwnError } from "../../runtime/observer.ts";
import type { Answer } from "../invoke.ts";
import { OperationError } from "../operation-error.ts";
import type { LetterPlace } from "../place.ts";
import { type DueResult, redriveDue } from "./redrive-due.ts";

/** Records of one look that are named in the log; of the others there is the count. */
const MOST_NAMED = 10;

/** Milliseconds that are kept for what a call leaves to do: deleting letters and ending quarantines. */
const LONGEST_END = 60_000;
const SETTLING = { share: 0.1, most: 5000 };

/** What a look came to, for whoever invokes the function by hand; null = nothing was due. */
export interface RedriveResponse extends BatchResponse {
	redrive: DueResult | null;
}

/** A function that delivers and also redrives by itself: a schedule's events are looks for what is due, all others are its handler's. */
export function redriveOnSchedule(handler: Handler, manifest: Manifest, around: Surroundings): Handler {
	return async (event, context) => {
		const wish = readEvent(event, manifest);
		if (wish === null) return handler(event, context);
		around.observer.begin(context.awsRequestId, false);
		const redrive = await look(wish, context, handler, manifest, around);
		if (redrive) around.write(JSON.stringify(metricsOf(redrive, wish, context, manifest, around)));
		return { batchItemFailures: [], redrive } satisfies RedriveResponse;
	};
}

/** null for another event. Throws on one whose shape does not hold: it is ours. */
function readEvent(event: unknown, { consumers }: Manifest): RedriveEvent | null {
	const wish = (event ?? {}) as Partial<RedriveEvent>;
	if (wish.source !== REDRIVE_SOURCE) return null;
	const { consumer, everyMinutes, maxAttempts, time } = wish;
	if (!consumers.some(({ name }) => name === consumer))
		throw new OwnError(`This function does not deliver to ${JSON.stringify(consumer)}.`);
	const isNumber = (value: unknown): boolean => typeof value === "number" && value >= 1;
	if (!isNumber(everyMinutes) || !isNumber(maxAttempts) || Number.isNaN(Date.parse(time ?? "")))
		throw new OwnError("A look for what is due has `everyMinutes` and `maxAttempts`, from 1 on, and an ISO `time`.");
	return wish as RedriveEvent;
}

async function look(
	{ consumer, time, ...policy }: RedriveEvent,
	context: LambdaContext,
	handler: Handler,
	manifest: Manifest,
	{ client, observer, now, sleep, timeout }: Surroundings,
): Promise<DueResult | null> {
	const remaining = context.getRemainingTimeInMillis();
	const kept = Math.min(SETTLING.most, remaining * SETTLING.share);
	const inner = { ...context, getRemainingTimeInMillis: () => context.getRemainingTimeInMillis() - kept };
	const stores = { s3: client(S3Client), dynamodb: client(DynamoDBClient), now, sleep };
	let named = 0;
	const say = (eventID: string, what: string, reason: string | null): void => {
		if (named++ < MOST_NAMED) observer.trouble(`${safeEventID(eventID)} ${what}: ${reason}`);
	};
	try {
		return await redriveDue(placeOf(manifest, consumer, remaining), stores, {
			id: `auto-${time.replace(/[-:]|\.\d+/g, "")}-${randomBytes(4).toString("hex")}`,
			policy,
			time: Date.parse(time),
			signal: timeout(Math.floor(Math.max(remaining / 2, remaining - LONGEST_END))),
			deliver: (event) => answerOf(handler, event, inner),
			onGivenUp: (eventID, reason) =>
				say(eventID, `stays a dead letter of ${consumer} until \`pipeline dlq redrive\``, reason),
			onSkipped: (eventID, reason) =>
				say(eventID, `is a dead letter that ${consumer} does not select any more, put aside`, reason),
		});
	} catch (error) {
		// What was not done stays as it was, and the next look goes on; but whoever watches the function's errors shall know.
		const reason = error instanceof OperationError ? error.message : describeError(error);
		throw new OwnError(`Dead letters of ${consumer} could not be redriven: ${reason}`);
	}
}

async function answerOf(handler: Handler, event: string, context: LambdaContext): Promise<Answer> {
	try {
		return { status: "answered", response: await handler(JSON.parse(event), context) };
	} catch (error) {
		return { status: "failed", reason: describeError(error) };
	}
}

/** Whoever dies is dead by the end of the invocation. */
function placeOf(manifest: Manifest, consumer: string, remaining: number): LetterPlace {
	return {
		pipeline: manifest.pipeline,
		consumer,
		functionName: `${manifest.pipeline}/${manifest.function}`,
		timeoutSeconds: Math.ceil(remaining / 1000),
		recordAgeSeconds: recordAgeBackstop(
			manifest.role === "router" ? TABLE_STREAM_RETENTION_HOURS : Number.POSITIVE_INFINITY,
		),
		bucket: manifest.operations.bucket,
		stateTable: manifest.stateTable,
		scope: stateScope(manifest),
	};
}

function metricsOf(
	{ delivered, retried, givenUp, lifted }: DueResult,
	{ consumer }: RedriveEvent,
	{ awsRequestId: requestId }: LambdaContext,
	{ environment, pipeline }: Manifest,
	{ now }: Surroundings,
): object {
	const values = { redriven: delivered, redriveRetried: retried, redriveGivenUp: givenUp, lifted, requestId };
	return embeddedMetrics({ environment, pipeline, consumer }, REDRIVE_METRICS, values, now());
}
