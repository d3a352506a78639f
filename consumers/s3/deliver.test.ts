import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { settle } from "../../framework/testing/conformance.ts";
import { change } from "../../framework/testing/factories.ts";
import { fakeOutside } from "../../framework/testing/fake-outside.ts";
import { definition } from "./definition.ts";
import { deliverer } from "./deliver.ts";
import type { PlacedS3Settings } from "./settings.ts";

async function put(given: object, records = [change(), change({ item: "b" })]) {
	const settings = settle(definition, given).contribution.settings as PlacedS3Settings;
	const { context, calls } = fakeOutside(settings, () => ({}));
	const outcomes = await deliverer.deliver(records, context);
	return { records, outcomes, input: calls[0]?.input };
}

test("writes a line for each record, in order, and says what it wrote", async () => {
	const { records, outcomes, input } = await put({ content: "record" });
	const lines = records.map((record) => record.recordJson());
	expect(input.Body).toBe(`${lines.join("\n")}\n`);
	expect(outcomes).toEqual(lines.map((payload) => ({ status: "delivered", payload })));
	expect(input).toMatchObject({
		Bucket: "test-exports-123456789012",
		ContentType: "application/x-ndjson",
		Metadata: { consumer: "shipping", records: "2" },
	});
});

test("names the object by hour, first sequence number, count and the records' identity", async () => {
	const { input } = await put({ prefix: "quicksight/orders" });
	expect(input.Key).toMatch(/^quicksight\/orders\/dt=2026-11-24\/hour=09\/\d{40}-2-[0-9a-f]{16}\.jsonl$/);
	const { input: other } = await put({}, [change(), change({ item: "c" })]);
	expect(other.Key).toMatch(/^orders\/shipping\//);
	expect(other.Key.slice(-22)).not.toBe(input.Key.slice(-22));
});

test("compresses to the same bytes each time", async () => {
	const { records, input } = await put({ content: "item", compression: "gzip" });
	const { input: again } = await put({ content: "item", compression: "gzip" });
	expect(input.Key).toMatch(/\.jsonl\.gz$/);
	expect(gunzipSync(input.Body).toString()).toBe(`${records.map((record) => record.itemJson("literal")).join("\n")}\n`);
	expect(again.Body.equals(input.Body)).toBe(true);
});

test("owns no bucket when one is named, and takes the environment's own locally", () => {
	const given = { bucket: "orders-backup" };
	expect(settle(definition, given).contribution).toMatchObject({ resources: [], settings: given });
	const local = settle(definition, given, { local: true }).contribution;
	expect(local).toMatchObject({
		settings: { bucket: "test-exports-123456789012" },
		resources: [{ type: "AWS::S3::Bucket", id: "exports" }],
	});
	const named = settle(definition, given, { local: true, setByEnvironment: () => true }).contribution;
	expect(named.settings).toMatchObject(given);
});

test.each(["/a", "a/", "a//b", "../a", "a/./b", ""])("refuses the prefix %j", (prefix) => {
	expect(() => settle(definition, { prefix })).toThrow("pattern");
});
