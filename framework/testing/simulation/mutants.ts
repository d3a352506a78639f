import type { Mutation } from "./code.ts";

export interface Mutant extends Mutation {
	name: string;
}

const RUNTIME = "framework/runtime";

/** Planted bugs, a line each, of the kinds that such systems have had. The simulation is worth something as far as it catches them. */
export const MUTANTS: readonly Mutant[] = [
	{
		name: "the lake acknowledges before S3 confirms",
		file: `${RUNTIME}/lake.ts`,
		from: 'return beforeAbort(work, signal, "S3 did not answer in time.");',
		to: "work.catch(() => {});",
	},
	{
		name: "a lake object is named by the clock",
		file: `${RUNTIME}/lake.ts`,
		from: "/${objectName(arrivals)}.ndjson",
		to: "/${arguments[2].deps.now()}.ndjson",
	},
	{
		name: "the lake is partitioned by the wall clock",
		file: `${RUNTIME}/lake.ts`,
		from: "Map.groupBy(invocation.arrivals, hourNumber)",
		to: "Map.groupBy(invocation.arrivals, () => Math.floor(invocation.deps.now() / 3_600_000))",
	},
	{
		name: "a buffer lives on between invocations",
		file: `${RUNTIME}/lake.ts`,
		from: "compress(encodeLines(arrivals, ({ line }) => line))",
		to: "compress(encodeLines(arrivals.concat(compressions.left ?? (compressions.left = arrivals)), ({ line }) => line))",
	},
	{
		name: "the lake names part of a content",
		file: `${RUNTIME}/lake.ts`,
		from: '-${arrivals.length}-${hash.digest("hex").slice(0, 16)}`',
		to: "`",
	},
	{
		name: "failed entries of PutRecords are ignored",
		file: `${RUNTIME}/put-records.ts`,
		from: "answers[index]?.ErrorCode === undefined",
		to: "true",
	},
	{
		name: "records of one item share a call",
		file: `${RUNTIME}/item-order.ts`,
		from: "if (before === undefined) heads.push(arrival);",
		to: "heads.push(arrival);\n\t\tif (true) continue;",
	},
	{
		name: "only failed entries are retried, after later ones went",
		file: `${RUNTIME}/put-queue.ts`,
		from: "failures.set(arrival, failed + 1);",
		to: "const later = successors.get(arrival);\n\t\tif (later && successors.delete(arrival)) waiting.push({ arrival: later, notBefore: 0 });",
	},
	{
		name: "the partition key is uncut",
		file: `${RUNTIME}/put-queue.ts`,
		from: "PartitionKey: arrival.keyHash,",
		to: "PartitionKey: JSON.stringify(arrival.json?.dynamodb?.Keys ?? null),",
	},
	{
		name: "replies of PutRecords are counted, not matched",
		file: `${RUNTIME}/put-records.ts`,
		from: "call.arrivals.forEach((arrival, index) => {",
		to: "answers.sort((a, b) => (a.ErrorCode ? 1 : 0) - (b.ErrorCode ? 1 : 0));\n\t\tcall.arrivals.forEach((arrival, index) => {",
	},
	{
		name: "a claim check that was not stored stops nothing",
		file: `${RUNTIME}/put-records.ts`,
		from: "deps.observer.trouble(summary.trouble);",
		to: 'queue.stored(arrival, "{}");',
	},
	{
		name: "a claim check that cannot be read counts as malformed",
		file: `${RUNTIME}/claim-check.ts`,
		from: '(error as Error).name === "NoSuchKey" ? "malformed" : "unavailable"',
		to: '"malformed"',
	},
	{
		name: "a new id for each attempt",
		file: "consumers/http/request.ts",
		from: 'headers["webhook-id"] = id;',
		to: 'headers["webhook-id"] = `${id}-${timestamp}`;',
	},
	{
		name: "a new key for each attempt",
		file: "consumers/s3/deliver.ts",
		from: "Key: objectKey(changes, settings),",
		to: "Key: objectKey(changes, settings).replace(/-\\d+-/, `-${context.now()}-`),",
	},
	{
		name: "a value that JavaScript cannot hold fails its whole call",
		file: `${RUNTIME}/values.ts`,
		from: "writeNumber(out, content, numbers);",
		to: 'out.raw(JSON.stringify(Number.isSafeInteger(Number(content)) || content.includes(".") ? Number(content) : BigInt(content)));',
	},
	{
		name: "a dead letter that was not stored is only logged",
		file: `${RUNTIME}/parking.ts`,
		from: "\t\treturn false;\n",
		to: "",
	},
	{
		name: "parking without quarantine",
		file: `${RUNTIME}/parking.ts`,
		from: "if (entry.arrival.keyed)",
		to: "if (false)",
	},
	{
		name: "quarantine in memory",
		file: `${RUNTIME}/dynamodb-state.ts`,
		from: "await table.update(rowOf(stateName(key)), quarantineUpdate(quarantine, expiresAt));",
		to: "(table.quarantined ??= new Map()).set(stateName(key), quarantine);",
	},
	{
		name: "the marker is kept between invocations",
		file: `${RUNTIME}/dynamodb-state.ts`,
		from: "const marker = await table.get(rowOf(MARKER));",
		to: "const marker = (table.kept ??= { marker: await table.get(rowOf(MARKER)) }).marker;",
	},
	{
		name: "rows are there unseen",
		file: `${RUNTIME}/dynamodb-state.ts`,
		from: "await mark(progress.quarantined ? undefined : lifetimeSeconds);",
		to: "",
	},
	{
		name: "consumers of a function share their state",
		file: `${RUNTIME}/state.ts`,
		from: "`${consumer}/${keyHash}`",
		to: "`item/${keyHash}`",
	},
	{
		name: "sequence numbers are compared as they are",
		file: `${RUNTIME}/change.ts`,
		from: '.padStart(SEQUENCE_DIGITS, "0")',
		to: "",
	},
	{
		name: "TTL's deletes are anybody's",
		file: `${RUNTIME}/change.ts`,
		from: '? "EXPIRE" : "REMOVE"',
		to: '? "REMOVE" : "REMOVE"',
	},
	{
		name: "what was done is not written down before the answer",
		file: `${RUNTIME}/deliver-batch.ts`,
		from: "await remember(",
		to: "void remember(",
	},
	{
		name: "what was done beyond the checkpoint is not remembered",
		file: `${RUNTIME}/deliver-batch.ts`,
		from: "?? -1) < from) continue;",
		to: "?? -1) < 1e9) continue;",
	},
	{
		name: "a state table that does not answer counts as empty",
		file: `${RUNTIME}/deliver-batch.ts`,
		from: "if (states === null) return answerFrom(arrivals, () => false);",
		to: "if (states === null) return answerFrom(arrivals, () => true);",
	},
	{
		name: "each attempt is the first failure",
		file: `${RUNTIME}/ledger.ts`,
		from: "if (failure?.eventID !== eventID)",
		to: "if (true)",
	},
	{
		name: "a first failure is dated by a clock that ran ahead",
		file: `${RUNTIME}/ledger.ts`,
		from: "Math.min(failure.firstFailedAt, now())",
		to: "failure.firstFailedAt",
	},
	{
		name: "a record done before is skipped one too far",
		file: `${RUNTIME}/consumer-run.ts`,
		from: "sequence <= deliveredThrough",
		to: "sequence < deliveredThrough",
	},
	{
		name: "the answer names the highest unfinished record",
		file: `${RUNTIME}/sources/respond.ts`,
		from: "members.find((member) => !finished(member))",
		to: "members.findLast((member) => !finished(member))",
	},
	{
		name: "a lane goes on behind a failure",
		file: `${RUNTIME}/parking.ts`,
		from: 'return "stop";',
		to: 'return "on";',
	},
	{
		name: "a lane is in several calls at once",
		file: `${RUNTIME}/lanes.ts`,
		from: "gone || lane.busy ||",
		to: "gone ||",
	},
	{
		name: "a function starts work until Lambda ends it",
		file: `${RUNTIME}/invocation.ts`,
		from: "deps.timeout(Math.max(0, Math.floor(remaining - milliseconds)))",
		to: "deps.timeout(2 * remaining)",
	},
	{
		name: "letters of consumers lie in one place",
		file: `${RUNTIME}/dead-letters.ts`,
		from: "deadLetterPrefix(pipeline, consumer)",
		to: 'deadLetterPrefix(pipeline, "all")',
	},
	{
		name: "a filter takes `not` for present",
		file: "framework/plan/filter-clause.ts",
		from: '{ "anything-but": known }, ABSENT]',
		to: '{ "anything-but": known }]',
	},
	{
		name: "a filter without a branch for claim checks",
		file: "framework/plan/filters.ts",
		from: "[...patterns, CLAIM_CHECK] : patterns",
		to: "patterns : patterns",
	},
	{
		name: "records may grow too old unseen",
		file: "framework/plan/mapping.ts",
		from: "maximumRecordAgeInSeconds: recordAgeBackstop(sourceHours),",
		to: "maximumRecordAgeInSeconds: -1,",
	},
	{
		name: "the model keeps its checkpoint by stream, not by shard",
		file: "framework/local/mapping/start-mapping.ts",
		from: "checkpoints.set(shard.id, checkpoint)",
		to: "checkpoints.set(source.shards(streamArn)[0].id, checkpoint)",
	},
	{
		name: "an item is in several calls of the writer at once",
		file: `${RUNTIME}/put-queue.ts`,
		from: "call.arrivals.push(arrival);",
		to: "call.arrivals.push(arrival);\n\t\t\t\tif (successors.has(arrival)) waiting.push({ arrival: successors.get(arrival), notBefore: 0 });",
	},
	{
		name: "deliveries are not remembered although it was asked for",
		file: `${RUNTIME}/deduplication.ts`,
		from: "if (deduplicationHours === 0) return;",
		to: "return;",
	},
	{
		name: "a record that stands in a batch twice is delivered twice",
		file: `${RUNTIME}/deduplication.ts`,
		from: "return first === undefined;",
		to: "return true;",
	},
	{
		name: "what was delivered before a crash is parked behind a later record",
		file: `${RUNTIME}/consumer-run.ts`,
		from: "quarantine !== undefined && sequence < quarantine.sequence;",
		to: "false;",
	},
	{
		name: "a store that hangs costs the answer",
		file: `${RUNTIME}/invocation.ts`,
		from: "lastCall: before(ANSWER_SHARE * margin),",
		to: "lastCall: before(-remaining),",
	},
	{
		name: "metrics forget what is held",
		file: `${RUNTIME}/json-observer.ts`,
		from: 'held: "held",',
		to: "held: null,",
	},
	{
		name: "an observer logs payloads",
		file: `${RUNTIME}/json-observer.ts`,
		from: 'if (outcome === "reject") log("ERROR", "parked", { consumer, eventID: safeEventID(eventID), reason });',
		to: 'if (outcome === "delivered") log("DEBUG", "delivered", { consumer, eventID, payload: delivery.payload });',
	},
	{
		name: "what follows a call without an answer is put at once",
		file: `${RUNTIME}/put-queue.ts`,
		from: "settledAt = now + SETTLING_MILLISECONDS;",
		to: "settledAt = now;",
	},
	{
		name: "the SDK repeats a call to Kinesis unseen",
		file: `${RUNTIME}/put-records.ts`,
		from: "{ maxAttempts: 1 }",
		to: "{}",
	},
	{
		name: "what ends after the answer is counted in the next invocation",
		file: `${RUNTIME}/watch.ts`,
		from: "\t\t\topen = false;\n",
		to: "",
	},
];
