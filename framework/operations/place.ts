import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { LambdaClient } from "@aws-sdk/client-lambda";
import type { S3Client } from "@aws-sdk/client-s3";
import { type Bindings, bind } from "../contract/manifest.ts";
import { stateScope } from "../contract/places.ts";
import type { RedrivePolicy } from "../contract/redrive.ts";
import type { PipelinePlan, PlannedFunction } from "../plan/types.ts";

/** Where what is parked and remembered is reached, and time: the local run's services as well as AWS's. */
export interface Stores {
	s3: S3Client;
	dynamodb: DynamoDBClient;
	/** Epoch milliseconds. */
	now(): number;
	sleep(milliseconds: number): Promise<void>;
}

/** What operations reach an environment with. */
export interface Services extends Stores {
	/** Must not repeat a call by itself: a second invocation could overtake the first. */
	lambda: LambdaClient;
}

/** Where a consumer's dead letters and what is remembered of it lie. */
export interface LetterPlace {
	pipeline: string;
	consumer: string;
	/** Physical name of the function that delivers to it. */
	functionName: string;
	/** Of that function. */
	timeoutSeconds: number;
	/** How old a record may be that its mapping hands over once more. */
	recordAgeSeconds: number;
	/** Name of the operations bucket, and of the state table with the partition key of the function's rows. */
	bucket: string;
	stateTable: string;
	scope: string;
}

/** Where all of a consumer's things lie. */
export interface ConsumerPlace extends LetterPlace {
	/** All whom its function delivers to. */
	together: readonly string[];
	/** Most records of one batch of its mapping. */
	batchSize: number;
	/** How it is redriven by itself; null = not at all. */
	redrive: RedrivePolicy | null;
}

/** Every consumer of a pipeline, in the order of the plan. */
export function consumersOf(pipeline: PipelinePlan, bindings: Bindings): ConsumerPlace[] {
	return pipeline.functions.flatMap((planned) =>
		planned.manifest.consumers.map(({ name }) => placeOf(pipeline.name, planned, name, bindings)),
	);
}

/** The functions that deliver to nobody, the lake and a forwarding router: batches of theirs can be lost to a crash, too. */
export function carriersOf(pipeline: PipelinePlan, bindings: Bindings): ConsumerPlace[] {
	return pipeline.functions
		.filter(({ manifest }) => manifest.consumers.length === 0)
		.map((planned) => placeOf(pipeline.name, planned, planned.id, bindings));
}

function placeOf(pipeline: string, planned: PlannedFunction, consumer: string, bindings: Bindings): ConsumerPlace {
	const { manifest, name, timeoutSeconds, mapping } = planned;
	return {
		pipeline,
		consumer,
		functionName: bind(name, bindings),
		together: manifest.consumers.map((each) => each.name),
		timeoutSeconds,
		recordAgeSeconds: mapping.maximumRecordAgeInSeconds,
		batchSize: mapping.batchSize,
		redrive: planned.redrives.find((each) => each.consumer === consumer) ?? null,
		bucket: bind(manifest.operations.bucket, bindings),
		stateTable: bind(manifest.stateTable, bindings),
		scope: stateScope(manifest),
	};
}
