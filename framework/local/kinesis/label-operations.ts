import { AwsError, type JsonInput, type JsonOperations } from "../aws-json.ts";
import { checkedName, invalidArgument, listMember, optionalText, requiredText, textMap, wholeNumber } from "./input.ts";
import { notFound, type Stream, type StreamStore } from "./store.ts";

/** Kinesis developer guide, quotas: tags of a stream, enhanced fan-out consumers of a stream. */
const MAX_TAGS = 50;
const MAX_CONSUMERS = 20;

type StreamConsumer = Stream["settings"]["consumers"][number];

/** Tags, and names of enhanced fan-out consumers. */
export function labelOperations(store: StreamStore): JsonOperations {
	return {
		AddTagsToStream(input) {
			const stream = store.named(input);
			const tags = { ...stream.settings.tags, ...textMap(input, "Tags") };
			if (Object.keys(tags).length > MAX_TAGS) throw invalidArgument(`A stream has at most ${MAX_TAGS} tags.`);
			stream.settings.tags = tags;
			store.save(stream);
			return {};
		},
		RemoveTagsFromStream(input) {
			const stream = store.named(input);
			for (const key of listMember(input, "TagKeys")) delete stream.settings.tags[String(key)];
			store.save(stream);
			return {};
		},
		ListTagsForStream(input) {
			const after = optionalText(input, "ExclusiveStartTagKey") ?? "";
			const tags = Object.entries(store.named(input).settings.tags)
				.map(([Key, Value]) => ({ Key, Value }))
				.filter(({ Key }) => Key > after)
				.sort((a, b) => (a.Key < b.Key ? -1 : 1));
			const limit = wholeNumber(input, "Limit", [1, MAX_TAGS], MAX_TAGS);
			return { Tags: tags.slice(0, limit), HasMoreTags: tags.length > limit };
		},
		RegisterStreamConsumer(input) {
			const stream = store.named({ StreamARN: requiredText(input, "StreamARN") });
			const name = checkedName(input, "ConsumerName");
			const { consumers } = stream.settings;
			if (consumers.some((consumer) => consumer.name === name))
				throw new AwsError("ResourceInUseException", `Consumer ${name} of ${stream.arn} already exists.`);
			if (consumers.length >= MAX_CONSUMERS)
				throw new AwsError("LimitExceededException", `A stream has at most ${MAX_CONSUMERS} consumers.`);
			const consumer = { name, createdAt: store.clock.now() };
			consumers.push(consumer);
			store.save(stream);
			return { Consumer: describeConsumer(stream, consumer) };
		},
		DeregisterStreamConsumer(input) {
			const { stream, consumer } = findConsumer(store, input);
			stream.settings.consumers = stream.settings.consumers.filter((each) => each !== consumer);
			store.save(stream);
			return {};
		},
		DescribeStreamConsumer(input) {
			const { stream, consumer } = findConsumer(store, input);
			return { ConsumerDescription: { ...describeConsumer(stream, consumer), StreamARN: stream.arn } };
		},
		ListStreamConsumers(input) {
			const stream = store.named({ StreamARN: requiredText(input, "StreamARN") });
			const start = Number(optionalText(input, "NextToken") ?? 0);
			const end = start + wholeNumber(input, "MaxResults", [1, 10_000], 100);
			const { consumers } = stream.settings;
			return {
				Consumers: consumers.slice(start, end).map((consumer) => describeConsumer(stream, consumer)),
				...(end < consumers.length && { NextToken: String(end) }),
			};
		},
	};
}

function consumerArn({ arn }: Stream, { name, createdAt }: StreamConsumer): string {
	return `${arn}/consumer/${name}:${Math.floor(createdAt / 1000)}`;
}

function describeConsumer(stream: Stream, consumer: StreamConsumer) {
	return {
		ConsumerName: consumer.name,
		ConsumerARN: consumerArn(stream, consumer),
		ConsumerStatus: "ACTIVE",
		ConsumerCreationTimestamp: consumer.createdAt / 1000,
	};
}

/** By ConsumerARN, or by StreamARN and ConsumerName. */
function findConsumer(store: StreamStore, input: JsonInput): { stream: Stream; consumer: StreamConsumer } {
	const arn = optionalText(input, "ConsumerARN");
	const stream = store.named({ StreamARN: arn?.split("/consumer/")[0] ?? requiredText(input, "StreamARN") });
	const name = arn === null ? requiredText(input, "ConsumerName") : null;
	const consumer = stream.settings.consumers.find((each) =>
		name === null ? consumerArn(stream, each) === arn : each.name === name,
	);
	if (!consumer) throw notFound(`Consumer ${arn ?? name} of ${stream.arn} not found.`);
	return { stream, consumer };
}
