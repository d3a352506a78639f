import type { Stream } from "@pulumi/aws/kinesis/stream.js";
import type { StreamConsumer } from "@pulumi/aws/kinesis/streamConsumer.js";
import type { StreamProperties } from "../../plan/types.ts";
import type { Component } from "../component.ts";

/** The fan-out. What is in it and not yet read exists nowhere else. */
export function makeStream(owner: Component, id: string, name: string, properties: StreamProperties): Stream {
	const { capacity, retentionHours, tags } = properties;
	return owner.make({
		type: "aws:kinesis/stream:Stream",
		id,
		name: `--${id}`,
		args: {
			name,
			...(capacity.mode === "provisioned"
				? { streamModeDetails: { streamMode: "PROVISIONED" }, shardCount: capacity.shards }
				: { streamModeDetails: { streamMode: "ON_DEMAND" } }),
			retentionPeriod: retentionHours,
			encryptionType: "KMS",
			kmsKeyId: "alias/aws/kinesis",
			// Readers that others registered go with a stream only where everything may go.
			enforceConsumerDeletion: !owner.settings.protect,
			tags: owner.tags(tags),
		},
		options: owner.dataOptions,
	});
}

/** Kinesis Data Streams API reference, RegisterStreamConsumer: at most five consumers of a stream in the status CREATING. */
const REGISTERED_AT_ONCE = 5;

/** Registers an enhanced fan-out consumer once all but four of those before it are registered. */
export function makeStreamConsumer(
	owner: Component,
	{ id, name }: { id: string; name: string },
	stream: Stream,
	before: readonly StreamConsumer[],
): StreamConsumer {
	const waitFor = before.at(-REGISTERED_AT_ONCE);
	return owner.make({
		type: "aws:kinesis/streamConsumer:StreamConsumer",
		id,
		name: `--${id}`,
		// No tags: a change of them would register the consumer anew, under another ARN.
		args: { name, streamArn: stream.arn },
		options: waitFor === undefined ? {} : { dependsOn: [waitFor] },
	});
}
