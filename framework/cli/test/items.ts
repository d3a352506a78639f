import type { AttributeValue, Item } from "../../contract/dynamodb.ts";
import { toNumberText } from "../../definition/number-text.ts";
import type { Value, ValueObject } from "../../definition/values.ts";
import type { DocumentPath, PathDiagnostic } from "../../diagnostics/diagnostic.ts";

/** What YAML has no word for, written as a mapping of one key. */
const TYPES = ["$S", "$N", "$B", "$BOOL", "$NULL", "$SS", "$NS", "$BS", "$L", "$M"] as const;

export interface ItemReader {
	item(value: ValueObject, path: DocumentPath): Item;
	problems: PathDiagnostic[];
}

/** Turns plain values into DynamoDB's. `sourceText` gives a number as it was written: a YAML parser loses digits. */
export function createItemReader(sourceText: (path: DocumentPath) => string): ItemReader {
	const problems: PathDiagnostic[] = [];
	const refuse = (path: DocumentPath, detail: string, help: string): AttributeValue => {
		problems.push({ code: "value-malformed", path, at: "value", detail, help });
		return { NULL: true };
	};
	const number = (text: string, path: DocumentPath): AttributeValue => {
		const N = toNumberText(text);
		return N === null ? refuse(path, `DynamoDB holds no number ${text}.`, "Numbers have at most 38 digits.") : { N };
	};
	const typed = (type: string, content: Value, path: DocumentPath): AttributeValue => {
		if (type === "$N") return number(String(content), path);
		if (type === "$M" && isObject(content)) return { M: item(content, path) };
		if (type === "$L" && Array.isArray(content))
			return { L: content.map((each, index) => attribute(each, [...path, index])) };
		const isSet = type.length === 3 && type.endsWith("S");
		const fits = isSet
			? Array.isArray(content) && content.length > 0
			: type === "$NULL" || type === "$BOOL"
				? typeof content === "boolean"
				: typeof content === "string";
		if (!fits)
			return refuse(
				path,
				`${type} has another content than DynamoDB's ${type.slice(1)}.`,
				"Sets are lists with a member, $B is base64 text.",
			);
		const plain = isSet
			? (content as Value[]).map((each, index) => (type === "$NS" ? numberText([...path, index], each) : String(each)))
			: content;
		return { [type.slice(1)]: plain } as unknown as AttributeValue;
	};
	const numberText = (path: DocumentPath, value: Value): string => {
		const written = number(typeof value === "number" ? sourceText(path) : String(value), path);
		return "N" in written ? written.N : "0";
	};
	const attribute = (value: Value, path: DocumentPath): AttributeValue => {
		if (typeof value === "string") return { S: value };
		if (typeof value === "boolean") return { BOOL: value };
		if (typeof value === "number") return number(sourceText(path), path);
		if (Array.isArray(value)) return { L: value.map((each, index) => attribute(each, [...path, index])) };
		const [type, ...more] = Object.keys(value);
		if (type?.startsWith("$") && more.length === 0) {
			if ((TYPES as readonly string[]).includes(type)) return typed(type, value[type] as Value, [...path, type]);
			return refuse(path, `There is no type ${type}.`, `Use one of ${TYPES.join(", ")}.`);
		}
		return { M: item(value, path) };
	};
	const item = (value: ValueObject, path: DocumentPath): Item =>
		Object.fromEntries(Object.entries(value).map(([name, member]) => [name, attribute(member, [...path, name])]));
	return { item, problems };
}

function isObject(value: Value): value is ValueObject {
	return typeof value === "object" && !Array.isArray(value);
}
