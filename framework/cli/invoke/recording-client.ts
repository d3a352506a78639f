import type { ClientOf, SendingClient } from "../../contract/deliver.ts";
import { objectText } from "../../local/object-text.ts";
import type { Faults } from "./faults.ts";

export interface RecordedPut {
	call: number;
	index: number;
	stream: string;
	partitionKey: string;
	eventID: string | null;
	accepted: boolean;
	data: string;
}

export interface RecordedObject {
	bucket: string;
	consumer: string;
	key: string;
	records: number;
	body: string;
}

export interface Recording {
	puts: RecordedPut[];
	objects: RecordedObject[];
	client: ClientOf;
}

// biome-ignore lint/suspicious/noExplicitAny: SDK commands have no common type of input; each is read by its own handler.
type Input = any;

/** Stands in for AWS below every client: puts and objects are written down, everything else succeeds. */
export function recordCalls(faults: Faults, eventIDOf: (data: string) => string | null): Recording {
	const puts: RecordedPut[] = [];
	const objects: RecordedObject[] = [];
	let calls = 0;
	const answers: Record<string, (input: Input) => object> = {
		PutRecordsCommand: ({ StreamName, Records }) => putRecords(calls++, StreamName, Records, eventIDOf, faults, puts),
		PutObjectCommand: (input) => putObject(input, eventIDOf, faults, objects),
		GetObjectCommand: ({ Bucket, Key }) => getObject(Bucket, Key, objects),
	};
	const client: SendingClient = {
		async send(command: { constructor: { name: string }; input: Input }) {
			const answer = answers[command.constructor.name];
			// A function that was invoked answers with a status and may answer with a payload.
			return answer ? answer(command.input) : { $metadata: { httpStatusCode: 200 }, StatusCode: 200 };
		},
	};
	return { puts, objects, client: <Client extends SendingClient>() => client as unknown as Client };
}

function putRecords(
	call: number,
	stream: string,
	records: { PartitionKey: string; Data: Uint8Array }[],
	eventIDOf: (data: string) => string | null,
	faults: Faults,
	puts: RecordedPut[],
): object {
	const entries = records.map(({ PartitionKey, Data }, index) => {
		const data = Buffer.from(Data).toString("utf8");
		const eventID = eventIDOf(data);
		const accepted = eventID === null || faults.strike("router", eventID) === null;
		puts.push({ call, index, stream, partitionKey: PartitionKey, eventID, accepted, data });
		return accepted
			? { SequenceNumber: String(puts.length), ShardId: "shardId-000000000000" }
			: { ErrorCode: "ProvisionedThroughputExceededException", ErrorMessage: "planted by --fail" };
	});
	return { FailedRecordCount: entries.filter((entry) => "ErrorCode" in entry).length, Records: entries };
}

function putObject(
	input: Input,
	eventIDOf: (data: string) => string | null,
	faults: Faults,
	objects: RecordedObject[],
): object {
	const body = objectText(input.Key, input.Body);
	const { consumer = "", records = "1" } = input.Metadata ?? {};
	const eventIDs = consumer === "lake" ? body.trimEnd().split("\n").map(eventIDOf) : [];
	const struck = eventIDs.filter((eventID) => eventID !== null && faults.strike("lake", eventID) !== null);
	if (struck.length > 0) throw Object.assign(new Error("planted by --fail"), { name: "SlowDown" });
	objects.push({ bucket: input.Bucket, consumer, key: input.Key, records: Number(records), body });
	return {};
}

function getObject(bucket: string, key: string, objects: readonly RecordedObject[]): object {
	const found = objects.findLast((object) => object.bucket === bucket && object.key === key);
	if (!found) throw Object.assign(new Error(`There is no object ${key} in this run.`), { name: "NoSuchKey" });
	return { Body: { transformToString: async () => found.body } };
}
