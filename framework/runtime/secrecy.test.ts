import { expect, test } from "vitest";
import { deliverers } from "../../consumers/deliverers.ts";
import type { ClientOf, SendingClient } from "../contract/deliver.ts";
import type { Manifest } from "../contract/manifest.ts";
import { streamRecord } from "../testing/factories.ts";
import { consumerOf, manifestOf, runHandler } from "../testing/run-handler.ts";
import { createDeadLetters } from "./dead-letters.ts";
import { createDynamodbState } from "./dynamodb-state.ts";
import { createJsonObserver } from "./json-observer.ts";

/** What the function holds and must not tell: a secret's value, and what stands in the records. */
const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const PAYLOAD = "what the customer wrote";

type Command = { constructor: { name: string }; input: { Body?: unknown } };

/** Every store and receiver fails, in words that quote all it was given. */
const quoting = (name: string): Error =>
	Object.assign(new Error(`${SECRET} ${PAYLOAD}`), { name, $metadata: { httpStatusCode: 500 }, body: PAYLOAD });

const records = [
	streamRecord({ item: PAYLOAD, newImage: { orderId: { S: PAYLOAD }, status: { S: PAYLOAD } } }),
	{ ...streamRecord({ item: "b" }), dynamodb: { ...streamRecord({ item: "b" }).dynamodb, NewImage: { a: PAYLOAD } } },
	{ eventSource: "aws:kinesis", kinesis: { data: Buffer.from(PAYLOAD).toString("base64"), sequenceNumber: "1" } },
	{ eventSource: "aws:dynamodb", eventName: PAYLOAD, dynamodb: { SequenceNumber: PAYLOAD } },
];

const kinds: [string, string, object][] = [
	[
		"http",
		"http",
		{
			url: `https://user:${SECRET}@example.com/?token=${SECRET}`,
			method: "POST",
			signingSecret: "ssm:/hook",
			secretHeaders: { authorization: "ssm:/token" },
			headers: {},
			batch: { maxRecords: 5 },
			timeoutSeconds: 5,
			content: "event",
			numbers: "literal",
		},
	],
	[
		"lambda",
		"lambda",
		{ functionName: "f", batch: { maxRecords: 5, bisectOnFunctionError: true }, content: "event", numbers: "literal" },
	],
	[
		"s3",
		"s3",
		{ bucket: "b", prefix: "p", content: "item", numbers: "literal", compression: "gzip", format: "json-lines" },
	],
];

/** Runs a function on the records with whatever fails, and answers all that it wrote down. */
async function writtenBy(
	manifest: Manifest,
	fails: (command: string) => boolean,
): Promise<{ logs: string; letters: string[] }> {
	const lines: string[] = [];
	const letters: string[] = [];
	const aws = (command: Command): unknown => {
		if (fails(command.constructor.name)) throw quoting(command.constructor.name);
		if (command.constructor.name === "PutObjectCommand") letters.push(String(command.input.Body));
		return { StatusCode: 200 };
	};
	const client: ClientOf = <Client extends SendingClient>() =>
		({ send: async (command: Command) => aws(command) }) as unknown as Client;
	const run = runHandler(manifest, {
		deliverers,
		client,
		secret: async () => SECRET,
		fetch: async () => {
			if (fails("fetch")) throw Object.assign(quoting("TypeError"), { cause: quoting("AggregateError") });
			return new Response(`${SECRET} ${PAYLOAD}`, { status: 400, statusText: "no" });
		},
		state: createDynamodbState({ client, table: "state", scope: "s", now: () => 0, sleep: async () => {} }),
		deadLetters: createDeadLetters(manifest, client),
		observer: createJsonObserver(
			{ ...manifest, logs: { sampleRate: 1 } },
			{ write: (line) => lines.push(line), now: () => 0 },
		),
	});
	await run.invoke({ Records: records });
	return { logs: lines.join("\n"), letters };
}

/** A dead letter without the record, which it holds whole, and without the name that the record gives itself. */
const causeOf = (letter: string): string => JSON.stringify({ ...JSON.parse(letter), record: null, eventID: null });

test.each(kinds)(
	"%s: neither a secret nor a payload is in a log line or in a letter's cause, whatever fails in whatever words",
	async (_name, kind, settings) => {
		const consumer = consumerOf("crm", { kind, settings, budgetSeconds: 0, deduplicationHours: 1 });
		const manifest = manifestOf({ consumers: [consumer] });
		for (const fails of [
			() => false,
			() => true,
			(name: string) => name === "fetch" || name === "InvokeCommand",
			(name: string) => name === "UpdateItemCommand",
			(name: string) => name === "PutObjectCommand",
			(name: string) => /Batch/.test(name),
		]) {
			const { logs, letters } = await writtenBy(manifest, fails);
			expect(logs.length).toBeGreaterThan(100);
			for (const text of [logs, ...letters.filter((letter) => letter.startsWith('{"formatVersion"')).map(causeOf)])
				for (const word of [SECRET, PAYLOAD]) expect(text).not.toContain(word);
		}
	},
);

test.each([
	["the lake", manifestOf({ role: "lake", lake: { bucket: "lake", compression: "gzip" } })],
	["the router", manifestOf({ forward: { stream: "s", maxRecordBytes: 300 } })],
])("%s: no payload is in a log line, whatever fails in whatever words", async (_name, manifest) => {
	for (const fails of [() => true, (name: string) => name === "PutRecordsCommand"]) {
		const { logs } = await writtenBy(manifest, fails);
		expect(logs.length).toBeGreaterThan(100);
		for (const word of [SECRET, PAYLOAD]) expect(logs).not.toContain(word);
	}
});
