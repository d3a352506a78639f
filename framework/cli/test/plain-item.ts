import type { AttributeValue, Item } from "../../contract/dynamodb.ts";

type Plain = string | number | boolean | null | Plain[] | { [name: string]: Plain };

/** An item as docs/values.md has it, for a validator: numbers are doubles, so digits past the 17th are not looked at. */
export function toPlainItem(item: Item): { [name: string]: Plain } {
	return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, toPlain(value)]));
}

function toPlain(value: AttributeValue): Plain {
	if ("N" in value) return Number(value.N);
	if ("NS" in value) return value.NS.map(Number);
	if ("NULL" in value) return null;
	if ("L" in value) return value.L.map(toPlain);
	if ("M" in value) return toPlainItem(value.M);
	const [plain] = Object.values(value) as (string | boolean | string[])[];
	return plain ?? null;
}
