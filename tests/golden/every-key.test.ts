import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { serializePlan } from "../../framework/plan/serialize.ts";
import { planYaml } from "../../framework/testing/compile-yaml.ts";

/** Values by path, written over a base definition. */
type Settings = Readonly<Record<string, unknown>>;
/** Two legal states of a definition that differ in one key. */
type Change = readonly [one: Settings, other: Settings];

/** The settings of every function, below a path. Each differs from what the base has, in a direct router too. */
function functionKeys(path: string, given: Settings = {}): Record<string, Change> {
	const key = (name: string, one: number, other: number): [string, Change] => [
		`${path}.${name}`,
		[
			{ ...given, [`${path}.${name}`]: one },
			{ ...given, [`${path}.${name}`]: other },
		],
	];
	return Object.fromEntries([
		key("batchSize", 10, 20),
		key("maxBatchingWindowSeconds", 0, 5),
		key("parallelization", 1, 2),
		key("memoryMb", 512, 1024),
		key("timeoutSeconds", 100, 200),
		key("reservedConcurrency", 3, 4),
	]);
}

const set = (path: string, one: unknown, other: unknown, given: Settings = {}): Record<string, Change> => ({
	[path]: [
		{ ...given, [path]: one },
		{ ...given, [path]: other },
	],
});

const ITEM_SCHEMA = { type: "object", properties: { id: { type: "string" } } };
const ITEM_SCHEMAS = { order: ITEM_SCHEMA, click: ITEM_SCHEMA };

const DIRECT = { "fanOut(direct).mode": "direct" };
/** A direct router takes the least of these: the consumer's must not be it. */
const GENEROUS = { ...DIRECT, "consumers[].maxBatchingWindowSeconds": 300, "consumers[].parallelization": 10 };
const PROVISIONED = { "table.billing(provisioned)": { mode: "provisioned", readUnits: 5, writeUnits: 5 } };
const AUTO = { "consumers[].redrive(auto).mode": "auto" };
const WHEN = "consumers[].when";

/** Every key of the language; a path says in brackets which member of a choice it is of. */
const CHANGES: Record<string, Change> = {
	...set("name", "orders", "bills"),
	...set("description", "One.", "Another."),
	...set("owner", "shop", "web"),
	...set("itemSchema", "order", "click"),
	...set("enabled", true, false),
	...set("tags", { team: "a" }, { team: "b" }),
	...set("logs.sampleRate", 0, 1),
	...set("table.keys.partition.name", "id", "uuid"),
	...set("table.keys.partition.type", "S", "B"),
	...set("table.keys.sort.name", "line", "row", { "table.keys.sort": { name: "line", type: "N" } }),
	...set("table.keys.sort.type", "N", "S", { "table.keys.sort": { name: "line", type: "N" } }),
	...set("table.ttl", "expiresAt", "gone"),
	...set("table.viewType", "NEW_AND_OLD_IMAGES", "KEYS_ONLY"),
	"table.billing(on-demand).mode": [{ "table.billing": { mode: "on-demand" } }, PROVISIONED],
	...set("table.billing(on-demand).maxReadUnits", 10, 20, { "table.billing": { mode: "on-demand" } }),
	...set("table.billing(on-demand).maxWriteUnits", 10, 20, { "table.billing": { mode: "on-demand" } }),
	"table.billing(provisioned).mode": [PROVISIONED, { "table.billing": { mode: "on-demand" } }],
	...set("table.billing(provisioned).readUnits", 5, 6, PROVISIONED),
	...set("table.billing(provisioned).writeUnits", 5, 6, PROVISIONED),
	...set("table.pointInTimeRecoveryDays", 0, 7),
	...set("table.deletionProtection", true, false),
	...set("table.tableClass", "STANDARD", "STANDARD_INFREQUENT_ACCESS"),
	...set("table.kmsKey", "alias/a", "alias/b"),
	...set("table.existing", "orders-one", "orders-two"),
	...set("table.otherReaders", 0, 1),
	...set("table.globalTable", false, true),
	...set("secrets.kmsKey", "alias/a", "alias/b", {
		"consumers[].kind": "http",
		"consumers[].with": { url: "https://a.example", signingSecret: "secretsmanager:a" },
	}),
	...set("alarms.enabled", true, false),
	...set("alarms.topic", "arn:aws:sns:eu-west-1:123456789012:a", "arn:aws:sns:eu-west-1:123456789012:b"),
	...set("alarms.iteratorAgePercent", 25, 50),
	...set("alarms.runbook", "https://wiki.example.com/a", "https://wiki.example.com/b"),
	...set("lake.enabled", true, false),
	...set("lake.compression", "gzip", "zstd"),
	...set("lake.query", true, false),
	...set("lake.retentionDays", 10, 20),
	...functionKeys("lake"),
	"fanOut(kinesis).mode": [{}, DIRECT],
	...set("fanOut(kinesis).shards", 1, 2),
	"fanOut(kinesis).capacity": [{}, { "fanOut(kinesis).capacity": "on-demand" }],
	...set("fanOut(kinesis).retentionHours", 48, 72),
	...functionKeys("fanOut(kinesis)"),
	"fanOut(direct).mode": [DIRECT, {}],
	...functionKeys("fanOut(direct)", GENEROUS),
	...set("consumers[].name", "one", "two"),
	"consumers[].kind": [{}, { "consumers[].kind": "lambda", "consumers[].with": { functionName: "f" } }],
	...set("consumers[].enabled", true, false),
	...set(`${WHEN}.events`, ["INSERT"], ["MODIFY"]),
	...set(`${WHEN}.new`, { status: "PAID" }, { status: "NEW" }),
	...set(`${WHEN}.old`, { status: "PAID" }, { status: "NEW" }),
	...set(`${WHEN}.changed`, ["status"], ["total"]),
	...set(`${WHEN}.any[].events`, ["INSERT"], ["MODIFY"]),
	...set(`${WHEN}.any[].new`, { status: "PAID" }, { status: "NEW" }),
	...set(`${WHEN}.any[].old`, { status: "PAID" }, { status: "NEW" }),
	...set(`${WHEN}.any[].changed`, ["status"], ["total"]),
	...set("consumers[].retry.budgetSeconds", 100, 200),
	"consumers[].redrive(manual).mode": [{ "consumers[].redrive": "manual" }, { "consumers[].redrive": "auto" }],
	"consumers[].redrive(auto).mode": [AUTO, { "consumers[].redrive": { mode: "manual" } }],
	...set("consumers[].redrive(auto).everyMinutes", 5, 60, AUTO),
	...set("consumers[].redrive(auto).maxAttempts", 1, 2, AUTO),
	...set("consumers[].start", "now", "horizon"),
	...functionKeys("consumers[]"),
	...set("consumers[].concurrency", 1, 2),
	...set("consumers[].deduplicationHours", 0, 24),
	...set("consumers[].enhancedFanOut", false, true),
	...set("consumers[].with", { content: "record" }, { content: "event" }),
};

interface Schema {
	$ref?: string;
	properties?: Record<string, Schema>;
	items?: Schema;
	oneOf?: Schema[];
	const?: string;
}

const core = JSON.parse(readFileSync(new URL("../../schemas/core/pipeline.json", import.meta.url), "utf8"));

/** Paths of all settings that a schema allows. */
function listKeys(schema: Schema, path: string): string[] {
	const { $ref, ...own } = schema;
	const { properties, items, oneOf } =
		$ref === undefined ? own : { ...core.$defs[$ref.replace("#/$defs/", "")], ...own };
	if (oneOf) return (oneOf as Schema[]).flatMap((each) => listKeys(each, `${path}(${each.properties?.mode?.const})`));
	if (properties)
		return Object.entries(properties as Record<string, Schema>).flatMap(([key, member]) =>
			listKeys(member, path === "" ? key : `${path}.${key}`),
		);
	const below = items ? listKeys(items as Schema, `${path}[]`) : [];
	return below.length > 1 ? below : [path];
}

/** A definition with these settings. */
function define(settings: Settings): { name: string; yaml: string } {
	const definition: Record<string, unknown> = {
		name: "orders",
		table: { keys: { partition: { name: "id", type: "S" } }, viewType: "NEW_AND_OLD_IMAGES" },
		fanOut: { mode: "kinesis" },
		consumers: [{ name: "one", kind: "s3", with: { content: "record" } }],
	};
	for (const [path, value] of Object.entries(settings)) {
		const steps = path
			.replace(/\([^)]*\)/g, "")
			.replaceAll("[]", ".0")
			.split(".");
		const last = steps.pop() as string;
		let place = definition;
		for (const [index, step] of steps.entries()) {
			place[step] ??= (steps[index + 1] ?? last) === "0" ? [] : {};
			place = place[step] as Record<string, unknown>;
		}
		place[last] = value;
	}
	return { name: String(definition.name), yaml: stringify(definition) };
}

/** Sentences tell a setting to people only: that one of them changes would not show that the setting does anything. */
const SENTENCES = ["why", "notes", "targets", "order", "duplicates", "isolation", "deadLetters"];

function planText(settings: Settings): string {
	const { name, yaml } = define(settings);
	return JSON.stringify(planYaml(name, yaml, "prod", ITEM_SCHEMAS), (key, value) =>
		SENTENCES.includes(key) ? undefined : value,
	);
}

test("the table has every key of the language and no other", () => {
	expect(Object.keys(CHANGES).sort()).toEqual(listKeys(core, "").sort());
});

test.each(Object.entries(CHANGES))("%s changes the plan", (_key, [one, other]) => {
	expect(planText(one)).not.toBe(planText(other));
});

const overlay = { environments: { prod: { table: { deletionProtection: false } } } };

test("an environment's overlay changes the plan of that environment only", () => {
	const { name, yaml } = define(overlay);
	const plain = define({}).yaml;
	expect(serializePlan(planYaml(name, yaml, "prod"))).not.toBe(serializePlan(planYaml(name, plain, "prod")));
	expect(serializePlan(planYaml(name, yaml, "local"))).toBe(serializePlan(planYaml(name, plain, "local")));
});
