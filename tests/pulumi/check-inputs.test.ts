import { dynamodb, kinesis, lambda, Provider, s3 } from "@pulumi/aws";
import { expect, test } from "vitest";
import { checkInputs, checkProviderConfig } from "../../framework/testing/pulumi/check-inputs.ts";
import { readProviderTypes } from "../../framework/testing/pulumi/provider-types.ts";
import { captureExample } from "./example.ts";

const types = readProviderTypes();

/** The problems of a program, by their text. */
async function problemsOf(program: () => void): Promise<string[]> {
	const { graph } = await captureExample({}, async () => {
		program();
		return {};
	});
	return checkInputs(graph, types).map(({ message }) => message);
}

test("the example's inputs are the provider's", async () => {
	const { graph } = await captureExample();
	expect(checkInputs(graph, types)).toEqual([]);
});

test("what a preview does not know is let pass", async () => {
	const { graph } = await captureExample({ preview: true });
	expect(checkInputs(graph, types)).toEqual([]);
});

test("each kind of mistake is named by its place", async () => {
	const wrong = {
		eventSourceArn: "arn:aws:dynamodb:eu-central-1:123456789012:table/t/stream/x",
		functionName: "fan-out",
		batchSize: "100",
		filterCriteria: { filter: [{ pattern: "{}" }] },
		destinationConfig: { onFailure: {} },
		functionResponseTypes: "ReportBatchItemFailures",
	};
	const problems = await problemsOf(() => {
		new lambda.EventSourceMapping("fan-out", wrong as never);
	});
	const resource = "aws:lambda/eventSourceMapping:EventSourceMapping fan-out";
	expect(problems).toEqual([
		`${resource}.batchSize: number expected, string given`,
		`${resource}.destinationConfig.onFailure.destinationArn: required`,
		`${resource}.filterCriteria.filter: no such input. Did you mean "filters"?`,
		`${resource}.functionResponseTypes: list expected, string given`,
	]);
});

test("words that AWS does not know, or no longer takes", async () => {
	const settings = { role: "arn:aws:iam::123456789012:role/r", handler: "index.handler" };
	const problems = await problemsOf(() => {
		new lambda.Function("new", { ...settings, runtime: "nodejs99.x" as never });
		new lambda.Function("old", { ...settings, runtime: "nodejs16.x" });
	});
	expect(problems).toEqual([
		expect.stringMatching(/^aws:lambda\/function:Function new\.runtime: nodejs99\.x is no Runtime\. Did you mean/),
		"aws:lambda/function:Function old.runtime: nodejs16.x is deprecated",
	]);
});

test("inputs that the provider has given up", async () => {
	const problems = await problemsOf(() => {
		new s3.Bucket("lake", { versioning: { enabled: true } });
	});
	expect(problems).toEqual([expect.stringMatching(/^aws:s3\/bucket:Bucket lake\.versioning: deprecated: /)]);
});

test("an archive is no asset, a resource passed whole is its id", async () => {
	const problems = await problemsOf(() => {
		const stream = new kinesis.Stream("events", { shardCount: 1 });
		new kinesis.StreamConsumer("reader", { streamArn: stream as never });
		new dynamodb.Table("table", { hashKey: stream.arn, attributes: { name: "id" } as never });
	});
	expect(problems).toEqual(["aws:dynamodb/table:Table table.attributes: list expected, object given"]);
});

test("a provider's own settings, written as texts, are read", async () => {
	const problems = await problemsOf(() => {
		new Provider("local", {
			region: "eu-central-1",
			s3UsePathStyle: true,
			endpoints: [{ dynamodb: "http://127.0.0.1:8000", dynamodbstreams: "http://127.0.0.1:8000" } as never],
		});
	});
	expect(problems).toEqual([
		expect.stringMatching(/^pulumi:providers:aws local\.endpoints\[0\]\.dynamodbstreams: no such/),
	]);
});

test("a stack's settings of the provider", () => {
	const config = {
		"aws:region": "eu-central-1",
		"aws:s3ForcePathStyle": "true",
		"aws:maxRetries": "many",
		"app:any": "1",
	};
	expect(checkProviderConfig(config, types).map(({ message }) => message)).toEqual([
		expect.stringMatching(/^aws\.s3ForcePathStyle: no such input/),
		"aws.maxRetries: number expected, string given",
	]);
});

test("the reader finds what the declarations say", () => {
	expect(types.resource("aws:dynamodb/tabel:Tabel")).toBeNull();
	expect(types.resource("aws:kinesis/streamConsumer:StreamConsumer")).toMatchObject({
		streamArn: { required: true, type: { kind: "string" } },
		tags: { required: false, type: { kind: "map", values: { kind: "string" } } },
	});
	expect(types.resource("aws:lambda/function:Function")?.code).toMatchObject({ type: { kind: "archive" } });
	expect(types.nested("dynamodb.TableAttribute")).toMatchObject({ name: { required: true }, type: { required: true } });
	expect(types.nested("dynamodb.TableGlobalSecondaryIndex").hashKey?.deprecated).not.toBeNull();
});
