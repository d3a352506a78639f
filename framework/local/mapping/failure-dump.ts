import { randomUUID } from "node:crypto";
import { FAILURE_DUMP_PREFIX } from "../../contract/places.ts";
import type { SourceEvent } from "../source.ts";

export interface FailedBatch {
	mappingId: string;
	sourceType: "dynamodb" | "kinesis";
	streamArn: string;
	functionArn: string;
	shardId: string;
	events: readonly SourceEvent[];
	condition: "RetryAttemptsExhausted" | "RecordAgeExceeded";
	requestId: string;
	invokeCount: number;
	/** Whether the last invocation ended in a function error, rather than in an answer that named records. */
	functionError: boolean;
	/** Epoch milliseconds. */
	now: number;
}

/** Key and body of the object that Lambda writes to an S3 on-failure destination: the whole event, not only where it stood. */
export function describeFailure(batch: FailedBatch): { key: string; body: string } {
	const timestamp = new Date(batch.now).toISOString();
	const [day = "", time = ""] = timestamp.slice(0, 19).split("T");
	const name = `${day}T${time.replaceAll(":", ".")}-${randomUUID()}`;
	const [first, last] = [batch.events[0], batch.events.at(-1)];
	if (!first || !last) throw new RangeError("a failed batch has records");
	const body = {
		requestContext: {
			requestId: batch.requestId,
			functionArn: batch.functionArn,
			condition: batch.condition,
			approximateInvokeCount: batch.invokeCount,
		},
		...(batch.condition === "RecordAgeExceeded"
			? {}
			: {
					responseContext: {
						statusCode: 200,
						executedVersion: "$LATEST",
						functionError: batch.functionError ? "Unhandled" : null,
					},
				}),
		version: "1.0",
		timestamp,
		[batch.sourceType === "dynamodb" ? "DDBStreamBatchInfo" : "KinesisBatchInfo"]: {
			shardId: batch.shardId,
			startSequenceNumber: first.sequenceNumber,
			endSequenceNumber: last.sequenceNumber,
			approximateArrivalOfFirstRecord: arrival(first, batch.sourceType),
			approximateArrivalOfLastRecord: arrival(last, batch.sourceType),
			batchSize: batch.events.length,
			streamArn: batch.streamArn,
		},
		payload: `{"Records":[${batch.events.map((event) => event.json).join(",")}]}`,
	};
	return {
		key: `${FAILURE_DUMP_PREFIX}${batch.mappingId}/${batch.shardId}/${day.replaceAll("-", "/")}/${name}`,
		body: JSON.stringify(body),
	};
}

/** DynamoDB's arrival times are whole seconds, those of Kinesis have milliseconds. */
function arrival(event: SourceEvent, sourceType: "dynamodb" | "kinesis"): string {
	const text = new Date(event.arrivedAt).toISOString();
	return sourceType === "dynamodb" ? text.replace(/\.\d+Z$/, "Z") : text;
}
