import { expect, test } from "vitest";
import type { ConsumerDefinition } from "../contract/consumer-definition.ts";
import { readDefinitions } from "./index.ts";

const probe: ConsumerDefinition<{ target: string; size: number }> = {
	kind: "probe",
	summary: "",
	description: "",
	examples: [],
	schema: {
		type: "object",
		additionalProperties: false,
		required: ["target"],
		properties: { target: { type: "string" }, size: { type: "integer", default: 3 } },
	},
	needs: () => [],
	contribute: () => ({ settings: { target: "", size: 0 }, target: "", resources: [], secrets: [], statements: [] }),
};

const TABLE = "table: { keys: { partition: { name: id, type: S } }, viewType: NEW_AND_OLD_IMAGES }";
const bytes = (text: string) => new TextEncoder().encode(text);

function read(text: string, defaults?: string) {
	const file = { file: "pipelines/orders.yaml", bytes: bytes(text) };
	const layer = defaults === undefined ? null : { file: "pipelines/defaults.yaml", bytes: bytes(defaults) };
	const known = ["local", "prod"];
	return readDefinitions([{ ...file, defaults: layer }], { known, environments: known, kinds: { probe } });
}

const CONSUMER = "consumers: [{ name: one, kind: probe, with: { target: t } }]";

test("defaults lie under the file and its overlay over it; lists and bare words replace", () => {
	const { definitions, diagnostics } = read(
		`name: orders\n${TABLE}\nlake: { retentionDays: 5 }\n${CONSUMER}
environments:
  prod: { fanOut: direct, lake: { batchSize: 7 }, consumers: { one: { with: { target: u } } } }`,
		"lake: { retentionDays: 9, compression: zstd }\nfanOut: { retentionHours: 48 }",
	);
	expect(diagnostics).toEqual([]);
	const [local] = definitions.get("local") ?? [];
	const [prod] = definitions.get("prod") ?? [];
	expect(local?.lake).toMatchObject({ retentionDays: 5, compression: "zstd", batchSize: 1000 });
	expect(local?.fanOut).toMatchObject({ mode: "kinesis", retentionHours: 48, capacity: { shards: 1 } });
	expect(local?.consumers[0]).toMatchObject({ with: { target: "t", size: 3 }, withSetByEnvironment: [] });
	expect(local?.consumers[0]?.retry.budgetSeconds).toBe(21_600);
	expect(prod?.lake).toMatchObject({ retentionDays: 5, batchSize: 7 });
	expect(prod?.fanOut.mode).toBe("direct");
	expect(prod?.consumers[0]).toMatchObject({ with: { target: "u", size: 3 }, withSetByEnvironment: [["target"]] });
	expect(prod?.consumers[0]?.retry.budgetSeconds).toBe(60);
});

test("a problem is shown in the file that wrote the value, once for all environments", () => {
	const { diagnostics } = read(`name: orders\n${TABLE}\n${CONSUMER}`, "lake:\n  batchSize: 0\n");
	expect(diagnostics).toHaveLength(1);
	expect(diagnostics[0]).toMatchObject({
		file: "pipelines/defaults.yaml",
		line: 2,
		column: 14,
		path: "lake.batchSize",
	});
});

test("conditions keep each digit and the type of the YAML value", () => {
	const { definitions, diagnostics } = read(`name: orders\n${TABLE}
consumers:
  - name: one
    kind: probe
    with: { target: t }
    when:
      events: [MODIFY]
      new:
        total: { gte: 123456789012345678.901, lt: 1e20 }
        customer."first.name": [DE, 7, true]
        lines[0].sku: { exists: false }
      changed: [status]
      any: [{ old: { status: { not: PAID } } }]`);
	expect(diagnostics).toEqual([]);
	expect(definitions.get("local")?.[0]?.consumers[0]?.when).toEqual({
		events: ["MODIFY"],
		tests: [
			{ image: "new", path: ["total"], op: "gte", value: { N: "123456789012345678.901" } },
			{ image: "new", path: ["total"], op: "lt", value: { N: "1E20" } },
			{
				image: "new",
				path: ["customer", "first.name"],
				op: "equals",
				values: [{ S: "DE" }, { N: "7" }, { BOOL: true }],
			},
			{ image: "new", path: ["lines", 0, "sku"], op: "exists", value: false },
		],
		changed: [["status"]],
		any: [
			{
				events: ["INSERT", "MODIFY", "REMOVE", "EXPIRE"],
				tests: [{ image: "old", path: ["status"], op: "not", values: [{ S: "PAID" }] }],
				changed: [],
				any: [],
			},
		],
	});
});

test("thousands of open brackets and a key named __proto__ are problems, not crashes", () => {
	expect(read(`a: ${"[".repeat(20_000)}`).diagnostics[0]?.code).toBe("yaml-syntax");
	const { diagnostics } = read(`name: orders\n__proto__: { polluted: true }\n${TABLE}\n${CONSUMER}`);
	expect(diagnostics.map(({ code, path }) => [code, path])).toEqual([["key-unknown", "__proto__"]]);
});
