import { expect, test } from "vitest";
import type { ColumnType, ItemColumn } from "../../contract/item-schema.ts";
import { columnsOf, MOST_COLUMNS } from "./columns.ts";

/** A type in a word. */
function show(type: ColumnType): string {
	if (type.is === "decimal") return `decimal ${type.scale}`;
	if (type.is === "list") return `[${show(type.of)}]`;
	return type.is === "object" ? `{${type.fields.map(showColumn).join(", ")}}` : type.is;
}
const showColumn = ({ name, type }: ItemColumn): string => `${name}: ${show(type)}`;

const $defs = {
	money: { type: "number", multipleOf: 0.01 },
	person: { type: "object", properties: { name: { type: "string" } } },
	tree: { type: "object", properties: { size: { type: "integer" }, left: { $ref: "#/$defs/tree" } } },
	forest: { type: "array", items: { $ref: "#/$defs/forest" } },
};
const typeOf = (schema: object): string => {
	const [column] = columnsOf({ type: "object", properties: { a: schema }, $defs }).columns;
	return column ? show(column.type) : "";
};

test.each([
	[{ type: "string" }, "text"],
	[{ enum: ["a", "b"] }, "text"],
	[{ const: 5 }, "decimal 0"],
	[{ enum: [1, 2.5] }, "double"],
	[{ enum: ["a", 5] }, "json"],
	[{ type: ["null", "boolean"] }, "boolean"],
	[{ type: "null" }, "json"],
	[{ type: "string", contentEncoding: "base64" }, "bytes"],
	[{ type: "string", format: "date-time" }, "timestamp"],
	[{ type: "string", format: "date" }, "date"],
	[{ type: "string", format: "email" }, "text"],
	[{ type: "integer" }, "decimal 0"],
	[{ type: "number" }, "double"],
	[{ type: "number", multipleOf: 1 }, "decimal 0"],
	[{ type: "number", multipleOf: 0.05 }, "decimal 2"],
	[{ type: "number", multipleOf: 1e-7 }, "decimal 7"],
	[{ type: "number", multipleOf: 1e-30 }, "double"],
	[{ type: ["integer", "string"] }, "json"],
	[{}, "json"],
	[true, "json"],
	[{ $ref: "#/$defs/money" }, "decimal 2"],
	[{ anyOf: [{ $ref: "#/$defs/money" }, { type: "null" }] }, "decimal 2"],
	[{ oneOf: [{ type: "integer" }, { $ref: "#/$defs/money" }] }, "decimal 2"],
	[{ oneOf: [{ type: "string" }, { type: "string", format: "date" }] }, "text"],
	[{ oneOf: [{ type: "string" }, { type: "string", contentEncoding: "base64" }] }, "json"],
	[{ type: "number", allOf: [{ multipleOf: 0.1 }, { minimum: 0 }] }, "decimal 1"],
	[{ type: "array", items: { type: "integer" } }, "[decimal 0]"],
	[{ type: "array", items: { type: "array", items: { type: "string" } } }, "[[text]]"],
	[{ type: "array" }, "json"],
	[{ type: "array", items: {} }, "json"],
	[{ type: "array", prefixItems: [{ type: "string" }], items: false }, "[text]"],
	[{ type: "array", prefixItems: [{ type: "string" }] }, "json"],
	[{ type: "array", prefixItems: [{ type: "string" }], items: { type: "string" } }, "[text]"],
	[{ type: "array", items: [{ type: "string" }], additionalItems: { type: "string" } }, "[text]"],
	[{ type: "object" }, "json"],
	[{ type: "object", additionalProperties: { type: "string" } }, "json"],
	[{ type: "object", properties: { x: {}, y: { type: "string" } } }, "{x: json, y: text}"],
	[{ type: "array", items: { type: "object", properties: { x: {}, y: { type: "string" } } } }, "[{y: text}]"],
	[{ type: "array", items: { type: "object", properties: { x: {} } } }, "json"],
	[
		{ allOf: [{ $ref: "#/$defs/person" }, { properties: { age: { type: "integer" } } }] },
		"{name: text, age: decimal 0}",
	],
	[
		{
			oneOf: [
				{ $ref: "#/$defs/person" },
				{ type: "object", properties: { name: { type: "integer" }, vat: { type: "string" } } },
			],
		},
		"{name: json, vat: text}",
	],
	[{ oneOf: [{ $ref: "#/$defs/person" }, { type: "string" }] }, "json"],
	// What holds itself again is JSON there, and in a list nothing.
	[{ $ref: "#/$defs/tree" }, "{size: decimal 0, left: json}"],
	[{ type: "array", items: { $ref: "#/$defs/tree" } }, "[{size: decimal 0}]"],
	[{ $ref: "#/$defs/forest" }, "json"],
	[{ type: "object", properties: { gone: false, x: { type: "string" } } }, "{x: text}"],
])("%j: %s", (schema, type) => {
	expect(typeOf(schema as object)).toBe(type);
});

test("names: the view's own and the first of two that differ in their case stay, the others get an underscore", () => {
	const names = ["id", "ID_", "first-name", "first_name", "orderId", "orderid", "größe", "", "x".repeat(300)];
	const properties = Object.fromEntries(names.map((name) => [name, { type: "string" }]));
	const { columns } = columnsOf({
		type: "object",
		properties: { ...properties, nested: { type: "object", properties: { id: { type: "string" } } } },
	});
	expect(columns.map(({ name }) => name)).toEqual([
		...["id__", "ID_", "first_name_", "first_name", "orderId", "orderid_", "gr__e", "_", "x".repeat(200), "nested"],
	]);
	expect(new Set(columns.map(({ name }) => name.toLowerCase())).size).toBe(columns.length);
	expect(columns.at(-1)).toMatchObject({ type: { fields: [{ name: "id", attribute: "id" }] } });
});

test("a schema that unfolds without end has as many columns as there is room for", () => {
	const node = (name: string): object => ({
		type: "object",
		properties: Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`p${index}`, { $ref: `#/$defs/${name}` }])),
	});
	const levels = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`n${index}`, node(`n${index + 1}`)]));
	const { columns, cut } = columnsOf({ ...node("n0"), $defs: { ...levels, n30: { type: "string" } } });
	const count = (fields: readonly ItemColumn[]): number =>
		fields.reduce((sum, { type }) => sum + 1 + (type.is === "object" ? count(type.fields) : 0), 0);
	expect(cut).toBe(true);
	expect(count(columns)).toBeLessThanOrEqual(MOST_COLUMNS);
});
