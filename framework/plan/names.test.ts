import fc from "fast-check";
import { expect, test } from "vitest";
import { bind } from "../contract/manifest.ts";
import { bucketName, NAME_LIMITS, nameOf, stateTableName } from "./names.ts";

const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,39}$/);
const environment = fc.stringMatching(/^[A-Za-z0-9._-]{1,60}$/);

test("names keep AWS's limits and patterns", () => {
	fc.assert(
		fc.property(environment, word, word, (env, pipeline, part) => {
			for (const type of ["table", "stream", "consumer"] as const)
				expect(nameOf(type, env, pipeline, part)).toMatch(new RegExp(`^[A-Za-z0-9_.-]{3,${NAME_LIMITS[type]}}$`));
			const bucket = bind(bucketName(env, "operations"), { accountId: "123456789012", region: "ap-southeast-2" });
			expect(bucket).toMatch(/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/);
		}),
	);
});

test("different things have different names", () => {
	fc.assert(
		fc.property(fc.uniqueArray(fc.tuple(word, word), { minLength: 2, maxLength: 2, selector: String }), ([a, b]) => {
			expect(nameOf("function", "prod", ...(a ?? []))).not.toBe(nameOf("function", "prod", ...(b ?? [])));
		}),
	);
	expect(nameOf("function", "prod", "orders", "eu-crm")).not.toBe(nameOf("function", "prod", "orders-eu", "crm"));
	expect(nameOf("table", "prod", "state")).not.toBe(stateTableName("prod"));
	expect(bucketName("Prod", "lake")).not.toBe(bucketName("prod", "lake"));
});

test("a name that fits stays readable", () => {
	expect(nameOf("table", "prod", "orders")).toBe("tributary_prod_orders");
	expect(bucketName("prod", "lake")).toBe("tributary-prod-lake-${accountId}-${region}");
});
