import type { AttributeValue, Item } from "../../contract/dynamodb.ts";

/** Bytes of an item (DynamoDB developer guide, "DynamoDB item sizes and formats"). */
export function itemSize(item: Item): number {
	return sum(Object.entries(item), ([name, value]) => Buffer.byteLength(name) + valueSize(value));
}

function valueSize(value: AttributeValue): number {
	if ("S" in value) return Buffer.byteLength(value.S);
	if ("N" in value) return numberSize(value.N);
	if ("B" in value) return Buffer.byteLength(value.B, "base64");
	if ("SS" in value) return sum(value.SS, (member) => Buffer.byteLength(member));
	if ("NS" in value) return sum(value.NS, numberSize);
	if ("BS" in value) return sum(value.BS, (member) => Buffer.byteLength(member, "base64"));
	// A list or map: 3 bytes, and 1 for each member.
	if ("L" in value) return 3 + sum(value.L, (member) => 1 + valueSize(member));
	if ("M" in value) return 3 + Object.keys(value.M).length + itemSize(value.M);
	// BOOL and NULL.
	return 1;
}

/** About a byte for two significant digits, one more, and one for a minus. */
function numberSize(text: string): number {
	const digits = text
		.replace(/[eE].*$/, "")
		.replace(/[-+.]/g, "")
		.replace(/^0+|0+$/g, "");
	return 1 + Math.ceil(digits.length / 2) + (text.startsWith("-") ? 1 : 0);
}

function sum<Member>(members: readonly Member[], size: (member: Member) => number): number {
	return members.reduce((total, member) => total + size(member), 0);
}
