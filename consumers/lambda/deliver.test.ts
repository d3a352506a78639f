import { expect, test } from "vitest";
import { settle } from "../../framework/testing/conformance.ts";
import { change } from "../../framework/testing/factories.ts";
import { type Answer, fakeOutside } from "../../framework/testing/fake-outside.ts";
import { definition } from "./definition.ts";
import { deliverer } from "./deliver.ts";
import type { LambdaSettings } from "./settings.ts";

async function deliver(given: object, records = [change()], answer: Answer = {}) {
	const settings = settle(definition, { functionName: "engagement", ...given }).contribution.settings as LambdaSettings;
	const { context, calls } = fakeOutside(settings, () => answer);
	const endpoints: unknown[] = [];
	const client: typeof context.client = (type, configuration) => {
		endpoints.push(configuration?.endpoint);
		return context.client(type, configuration);
	};
	const outcomes = await deliverer.deliver(records, { ...context, client });
	const payloads = calls.map(({ input }) => Buffer.from(input.Payload).toString());
	return { outcomes, calls, payloads, endpoints };
}

test("hands a function what a DynamoDB stream would", async () => {
	const records = [change(), change({ item: "b" })];
	const { calls, payloads } = await deliver({ functionName: "engagement:live" }, records);
	expect(calls[0]?.input).toMatchObject({ FunctionName: "engagement:live", InvocationType: "RequestResponse" });
	expect(JSON.parse(payloads[0] ?? "")).toEqual({ Records: records.map(({ record }) => record) });
});

test("hands a function a list of CloudEvents", async () => {
	const record = change();
	const { payloads } = await deliver({ content: "event" }, [record]);
	expect(JSON.parse(payloads[0] ?? "")).toMatchObject({ events: [{ id: record.eventID, specversion: "1.0" }] });
});

test("keeps each payload within 6 MB, counted in bytes, and rejects a record that cannot fit", async () => {
	const large = (item: string, megabytes: number) =>
		change({ item, newImage: { text: { S: "ü".repeat((megabytes * 1_048_576) / 2) } } });
	const { payloads, outcomes } = await deliver({}, [large("a", 2.5), large("b", 2.5), large("c", 2.5), large("d", 6)]);
	expect(payloads.map((payload) => Buffer.byteLength(payload) <= 6 * 1_048_576)).toEqual([true, true]);
	expect(outcomes.map(({ status }) => status)).toEqual(["delivered", "delivered", "delivered", "reject"]);
});

test("takes the record's eventID as an identifier", async () => {
	const records = [change(), change({ item: "b" })];
	const failure = { batchItemFailures: [{ itemIdentifier: records[1]?.eventID }] };
	const { outcomes } = await deliver({}, records, { bytes: { Payload: JSON.stringify(failure) } });
	expect(outcomes.map(({ status }) => status)).toEqual(["delivered", "retry"]);
});

test.each(['{"batchItemFailures": null}', "null", '""', "[]", "{}", ""])(
	"takes the answer %s as success",
	async (Payload) => {
		const { outcomes } = await deliver({}, [change()], { bytes: { Payload } });
		expect(outcomes).toMatchObject([{ status: "delivered" }]);
	},
);

test.each(['[{"foo": 123}]', '[{"itemIdentifier": null}]', '[{"itemIdentifier": 5}]', "[null]", '"all"'])(
	"takes the failures %s as a failure of all",
	async (failures) => {
		const answer = { bytes: { Payload: `{"batchItemFailures": ${failures}}` } };
		const { outcomes } = await deliver({}, [change(), change({ item: "b" })], answer);
		expect(outcomes.map(({ status }) => status)).toEqual(["retry", "retry"]);
	},
);

test("uses its own endpoint where it has one, and locally only if the local environment set it", async () => {
	const endpoint = "http://127.0.0.1:3001";
	expect((await deliver({ endpoint })).endpoints).toEqual([endpoint]);
	expect((await deliver({})).endpoints).toEqual([undefined]);
	const given = { functionName: "engagement", endpoint };
	expect(settle(definition, given, { local: true }).contribution.settings).not.toHaveProperty("endpoint");
	const asked = settle(definition, given, { local: true, setByEnvironment: (path) => path === "endpoint" });
	expect(asked.contribution.settings).toMatchObject({ endpoint });
});

test.each([
	"engagement",
	"engagement:$LATEST",
	"123456789012:function:engagement:live",
	"arn:aws-cn:lambda:cn-north-1:123456789012:function:engagement:7",
	"arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:engagement",
])("takes the function name %s", (functionName) => {
	expect(() => settle(definition, { functionName })).not.toThrow();
});

test.each(["", "a b", "arn:aws:sqs:eu-west-1:123456789012:queue", "https://example.com"])(
	"refuses the function name %j",
	(functionName) => {
		expect(() => settle(definition, { functionName })).toThrow("pattern");
	},
);
