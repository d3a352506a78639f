/** What users run today. The packages lie in this folder's own install: `npm ci --prefix tools/bench`. */
import { createRequire } from "node:module";
import type { StreamRecord } from "../../framework/contract/dynamodb.ts";

const require = createRequire(import.meta.url);

// biome-ignore lint/suspicious/noExplicitAny: packages of another install, whose types the project does not have.
const load = (name: string): any => require(name);

/**
 * Powertools' batch processing, the SDK's unmarshall and JSON.stringify: an event to lines of JSON, of what `pick` takes from a record.
 * Sets are given a chance to be written, which JSON.stringify alone would not.
 */
export function createPeerPath(pick: (record: StreamRecord, plain: (item: object) => unknown) => unknown) {
	const { BatchProcessorSync, EventType, processPartialResponseSync } = load("@aws-lambda-powertools/batch");
	const { unmarshall } = load("@aws-sdk/util-dynamodb");
	const listSets = (_name: string, value: unknown): unknown => (value instanceof Set ? [...value] : value);
	return (event: unknown): Buffer => {
		const lines: string[] = [];
		const handle = (record: StreamRecord): void => {
			lines.push(JSON.stringify(pick(record, unmarshall), listSets));
		};
		processPartialResponseSync(event, handle, new BatchProcessorSync(EventType.DynamoDBStreams));
		return Buffer.from(`${lines.join("\n")}\n`);
	};
}

export const newImageOf = ({ dynamodb }: StreamRecord, plain: (item: object) => unknown): unknown =>
	plain(dynamodb.NewImage ?? {});

/** All that the lake keeps of a record. */
export const wholeRecordOf = (record: StreamRecord, plain: (item: object) => unknown): unknown => {
	const { Keys, NewImage, OldImage, ...change } = record.dynamodb;
	const images = { Keys: plain(Keys), NewImage: plain(NewImage ?? {}), OldImage: plain(OldImage ?? {}) };
	return { ...record, dynamodb: { ...change, ...images } };
};

/** The pattern matcher of @coorpacademy/serverless-offline-eventbridge: it reads nested patterns below `detail` alone. */
export function createPeerMatcher(pattern: object): (record: unknown) => boolean {
	const { matchesPattern } = load("@coorpacademy/serverless-offline-eventbridge/src/eventbridge");
	return (record) => matchesPattern({ detail: pattern }, { detail: record });
}
