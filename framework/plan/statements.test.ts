import { expect, test } from "vitest";
import { planYaml } from "../testing/compile-yaml.ts";
import type { PlannedFunction } from "./types.ts";

const define = (name: string, text: string): PlannedFunction[] => {
	const [pipeline] = planYaml(
		name,
		`name: ${name}\ntable: { keys: { partition: { name: id, type: S } }, viewType: NEW_IMAGE, kmsKey: alias/t }\n${text}`,
	).pipelines;
	return pipeline?.functions ?? [];
};

const policy = (functions: PlannedFunction[], id: string) =>
	Object.fromEntries(
		functions.find((each) => each.id === id)?.statements.map(({ sid, resources }) => [sid, resources]) ?? [],
	);

const KINESIS = define(
	"orders",
	`consumers:
  - { name: log, kind: s3, with: { content: record, bucket: logs, prefix: "a*b" } }
  - { name: crm, kind: http, enhancedFanOut: true, with: { url: "https://a.example", signingSecret: "secretsmanager:crm", secretHeaders: { a: "ssm:/crm/a", b: "secretsmanager:arn:aws:secretsmanager:eu-west-1:123456789012:secret:b-AbCdEf" } } }`,
);

test("each role has what its calls need and no more", () => {
	expect(Object.keys(policy(KINESIS, "lake"))).toEqual([
		"ReadTableStream",
		"DecryptTableStream",
		"StoreInLake",
		"DumpFailures",
		"FindDumpBucket",
		"WriteLogs",
	]);
	expect(policy(KINESIS, "router")).toMatchObject({
		ReadTableStream: ["arn:${partition}:dynamodb:${region}:${accountId}:table/tributary-prod-orders/stream/*"],
		DecryptTableStream: [{ kmsKey: "alias/t" }],
		PutRecords: ["arn:${partition}:kinesis:${region}:${accountId}:stream/tributary-prod-orders"],
		StoreClaimChecks: ["arn:${partition}:s3:::tributary-prod-operations-${accountId}-${region}/claim-checks/orders/*"],
	});
	expect(Object.keys(policy(KINESIS, "log"))).toEqual([
		"ReadKinesisStream",
		"FetchClaimChecks",
		"KeepState",
		"ParkDeadLetters",
		"PutExports",
		"DumpFailures",
		"FindDumpBucket",
		"WriteLogs",
	]);
	expect(policy(KINESIS, "crm")).toMatchObject({ SubscribeToShards: [{ resource: "reader-crm", attribute: "arn" }] });
});

test("a consumer's rows are its own", () => {
	const state = KINESIS.find(({ id }) => id === "log")?.statements.find(({ sid }) => sid === "KeepState");
	expect(state?.conditions).toEqual({ "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": ["orders/log"] } });
});

test("what would be a wildcard in a user's text stands for itself", () => {
	expect(policy(KINESIS, "log").PutExports).toEqual(["arn:${partition}:s3:::logs/a${*}b/*"]);
});

test("secrets are named exactly, but for the six characters of AWS", () => {
	expect(policy(KINESIS, "crm")).toMatchObject({
		ReadSecrets: [
			"arn:aws:secretsmanager:eu-west-1:123456789012:secret:b-AbCdEf",
			"arn:${partition}:secretsmanager:${region}:${accountId}:secret:crm-??????",
		],
		ReadParameters: ["arn:${partition}:ssm:${region}:${accountId}:parameter/crm/a"],
	});
});

test("a function is invoked under every name that Lambda takes", () => {
	const names = {
		f: "arn:${partition}:lambda:${region}:${accountId}:function:f",
		"f:live": "arn:${partition}:lambda:${region}:${accountId}:function:f:live",
		"f:$LATEST": "arn:${partition}:lambda:${region}:${accountId}:function:f:${$}LATEST",
		"123456789012:function:f": "arn:${partition}:lambda:${region}:123456789012:function:f",
		"eu-west-1:123456789012:function:f:2": "arn:${partition}:lambda:eu-west-1:123456789012:function:f:2",
		"arn:aws:lambda:eu-west-1:123456789012:function:f:live": "arn:aws:lambda:eu-west-1:123456789012:function:f:live",
	};
	const consumers = Object.keys(names).map((name) => `{ name: c, kind: lambda, with: { functionName: "${name}" } }`);
	for (const [index, consumer] of consumers.entries())
		expect(policy(define("orders", `consumers: [${consumer}]`), "c").InvokeFunction).toEqual([
			Object.values(names)[index],
		]);
});

test("a direct router has one statement for what its consumers share", () => {
	const functions = define(
		"orders",
		`fanOut: direct
consumers:
  - { name: one, kind: s3, with: { content: record } }
  - { name: two, kind: s3, with: { content: record } }
  - { name: three, kind: lambda, with: { functionName: f, endpoint: "https://stand-in.example" } }`,
	);
	const router = policy(functions, "router");
	const exports = "arn:${partition}:s3:::tributary-prod-exports-${accountId}-${region}";
	expect(router.PutExports).toEqual([`${exports}/orders/one/*`, `${exports}/orders/two/*`]);
	expect(router.ParkDeadLetters).toEqual([
		"arn:${partition}:s3:::tributary-prod-operations-${accountId}-${region}/dead-letters/orders/*",
	]);
	expect(router).not.toHaveProperty("InvokeFunction");
	expect(router).not.toHaveProperty("PutRecords");
	expect(router).not.toHaveProperty("FetchClaimChecks");
});
