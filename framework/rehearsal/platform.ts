import type { ClientOf, SendingClient } from "../contract/deliver.ts";
import { kinesisEvent } from "../local/kinesis/event-source.ts";
import { objectText } from "../local/object-text.ts";
import type { RehearsalStream } from "./stream.ts";
import { REHEARSAL_ACCOUNT, REHEARSAL_REGION } from "./table.ts";

// biome-ignore lint/suspicious/noExplicitAny: SDK commands have no common type of input.
type Command = { constructor: { name: string }; input: any };

export interface Platform {
	/** For the lake and the router: objects are kept, records go to the fan-out's stream. */
	client: ClientOf;
	/** Lines that the lake holds, by object. */
	lake: Map<string, string[]>;
}

/** What stands between the functions: the lake bucket, the operations bucket, the fan-out's stream. */
export function createPlatform(fanOut: RehearsalStream, now: () => number): Platform {
	const objects = new Map<string, Uint8Array>();
	const lake = new Map<string, string[]>();
	let count = 0;
	const answers: Record<string, (input: Command["input"]) => object> = {
		PutRecords({ Records }) {
			for (const { PartitionKey: partitionKey, Data } of Records) {
				count += 1;
				const sequenceNumber = `495${String(count).padStart(53, "0")}`;
				const data = Buffer.from(Data).toString("base64");
				const place = { invokeIdentityArn: `arn:aws:iam::${REHEARSAL_ACCOUNT}:role/test`, awsRegion: REHEARSAL_REGION };
				const record = { partitionKey, data, sequenceNumber, arrivedAt: now() };
				fanOut.push(kinesisEvent(record, "shardId-000000000000", place));
			}
			return { FailedRecordCount: 0, Records: Records.map(() => ({ SequenceNumber: "1" })) };
		},
		PutObject({ Key, Body }) {
			objects.set(Key, Buffer.from(Body));
			if (/\.ndjson\.(gz|zst)$/.test(Key)) lake.set(Key, objectText(Key, Body).trimEnd().split("\n"));
			return {};
		},
		GetObject({ Key }) {
			const found = objects.get(Key);
			if (!found) throw Object.assign(new Error(`There is no object ${Key}.`), { name: "NoSuchKey" });
			return { Body: { transformToString: async () => Buffer.from(found).toString("utf8") } };
		},
	};
	const client: SendingClient = {
		async send({ constructor: { name }, input }: Command) {
			const answer = answers[name.replace(/Command$/, "")];
			if (!answer) throw new Error(`A test has no ${name}.`);
			return answer(input);
		},
	};
	return { client: <Client extends SendingClient>() => client as unknown as Client, lake };
}
