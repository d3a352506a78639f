import type { Change, NumberStyle } from "../../framework/contract/change.ts";
import type { AttributeValue } from "../../framework/contract/dynamodb.ts";
import type { Columns, ColumnType } from "./settings.ts";

/** Why a record does not fit its columns; never a value. */
export interface Unfit {
	reason: string;
}

const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** Types whose content is a text already. */
const TEXTS: ReadonlySet<string> = new Set(["S", "N", "B"]);

/**
 * A flat row of exactly these columns, in their order, then `_event`, `_time` and `_id`: null where the new image (for a delete, the keys)
 * has no such attribute. A text column takes any value, as text; the others take their own type alone.
 */
export function rowJson(change: Change, columns: Columns, numbers: NumberStyle): string | Unfit {
	const { dynamodb } = change.record;
	const image: Readonly<Record<string, AttributeValue>> = dynamodb?.NewImage ?? dynamodb?.Keys ?? {};
	// The plain item, for what is no text or no tidy number; read when it is needed.
	let plain: Readonly<Record<string, unknown>> | undefined;
	const plainOf = (name: string): unknown => {
		plain ??= JSON.parse(change.itemJson("string")) as Readonly<Record<string, unknown>>;
		return plain[name];
	};
	const members: string[] = [];
	for (const [name, type] of Object.entries(columns)) {
		const text = Object.hasOwn(image, name) ? cell(image[name], type, numbers, () => plainOf(name)) : "null";
		if (text === null)
			return { reason: `The column ${name} is of the type ${type}, and its value of the type ${tagOf(image[name])}.` };
		members.push(`${JSON.stringify(name)}:${text}`);
	}
	const time = new Date(change.time * 1000).toISOString().replace(".000Z", "Z");
	const own = `"_event":"${change.event}","_time":"${time}","_id":${JSON.stringify(change.eventID)}`;
	return `{${[...members, own].join(",")}}`;
}

/** JSON of a value in a column; null when it does not fit. */
function cell(
	value: AttributeValue | undefined,
	type: ColumnType,
	numbers: NumberStyle,
	plain: () => unknown,
): string | null {
	const tag = tagOf(value);
	if (tag === "NULL") return "null";
	const content = (value as Record<string, unknown> | undefined)?.[tag];
	if (type === "boolean") return tag === "BOOL" && typeof content === "boolean" ? String(content) : null;
	if (type === "number") {
		if (tag !== "N") return null;
		const number = JSON_NUMBER.test(String(content)) ? content : plain();
		if (typeof number !== "string" || !JSON_NUMBER.test(number)) return null;
		return numbers === "string" ? `"${number}"` : number;
	}
	const text = TEXTS.has(tag) && typeof content === "string" ? content : plain();
	return JSON.stringify(typeof text === "string" ? text : JSON.stringify(text));
}

/** DynamoDB's name of a value's type. */
function tagOf(value: AttributeValue | undefined): string {
	return Object.keys(value ?? {})[0] ?? "";
}
