import { whenOf } from "./condition.ts";
import type { DrawnConsumer, DrawnFunction, Scenario } from "./scenario.ts";

/** The scenario's pipeline as a team would write it. JSON is YAML. */
export function definitionOf({ topology, lake, router, consumers, fanOutShards, sortKey }: Scenario): object {
	return {
		name: "orders",
		table: {
			keys: { partition: { name: "id", type: "S" }, ...(sortKey && { sort: { name: "line", type: "N" } }) },
			ttl: "expiresAt",
			viewType: "NEW_AND_OLD_IMAGES",
		},
		lake: lake ? functionOf(lake) : { enabled: false },
		fanOut: { mode: topology, ...functionOf(router), ...(topology === "kinesis" && { shards: fanOutShards }) },
		consumers: consumers.map((consumer) => consumerOf(consumer, topology)),
	};
}

function functionOf({ batchSize, windowSeconds, parallelization, timeoutSeconds }: DrawnFunction) {
	return { batchSize, maxBatchingWindowSeconds: windowSeconds, parallelization, timeoutSeconds };
}

function consumerOf(consumer: DrawnConsumer, topology: Scenario["topology"]): object {
	const { name, kind, when, budgetSeconds, concurrency, deduplicationHours } = consumer;
	return {
		name,
		kind,
		...(when && { when: whenOf(when) }),
		retry: { budgetSeconds },
		concurrency,
		deduplicationHours,
		...functionOf(consumer),
		...(topology === "kinesis" && { start: "horizon" }),
		with: settingsOf(consumer),
	};
}

function settingsOf({ name, kind, content, maxRecords }: DrawnConsumer): object {
	if (kind === "http")
		return {
			url: `https://${name}.example.com/events`,
			content,
			batch: { maxRecords },
			timeoutSeconds: 5,
			signingSecret: "secretsmanager:webhook",
		};
	if (kind === "lambda")
		return { functionName: name, content: content === "event" ? "event" : "record", batch: { maxRecords } };
	return { content, format: "json-lines", ...(content === "record" && { compression: "gzip" }) };
}
