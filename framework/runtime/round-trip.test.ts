import fc from "fast-check";
import { expect, test } from "vitest";
import type { AttributeValue, Item } from "../contract/dynamodb.ts";
import { compareNumbers } from "./decimal.ts";
import { jsonText } from "./json-writer.ts";
import { compareUtf8 } from "./text.ts";
import { writeItem } from "./values.ts";

/*
 * The mapping of docs/values.md, read backwards by code of its own: a JSON reader that keeps the text of numbers, and a comparison that
 * says of each attribute type what must have arrived.
 */

/** A JSON value as its text has it: a number is its digits. */
type Read = { number: string } | { text: string } | { list: Read[] } | { members: [string, Read][] } | boolean | null;

function readJson(text: string): Read {
	let at = 0;
	const take = (pattern: RegExp): string => {
		const sticky = new RegExp(pattern, "y");
		sticky.lastIndex = at;
		const [found] = sticky.exec(text) ?? [];
		if (found === undefined) throw new Error(`${pattern} expected at ${at} of ${text}`);
		at += found.length;
		return found;
	};
	const string = (): string => JSON.parse(take(/"(?:[^"\\]|\\.)*"/));
	const until = <Member>(end: string, member: () => Member): Member[] => {
		const members: Member[] = [];
		take(/./);
		while (text[at] !== end) {
			if (members.length > 0) take(/,/);
			members.push(member());
		}
		take(/./);
		return members;
	};
	const value = (): Read => {
		const first = text[at] ?? "";
		if (first === '"') return { text: string() };
		if (first === "[") return { list: until("]", value) };
		if (first === "{")
			return {
				members: until("}", () => {
					const name = string();
					take(/:/);
					return [name, value()];
				}),
			};
		if (/[-\d]/.test(first)) return { number: take(/-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/) };
		return JSON.parse(take(/true|false|null/));
	};
	const read = value();
	if (at !== text.length) throw new Error(`more than JSON: ${text.slice(at)}`);
	return read;
}

/** What a value must have become. Numbers by the text of their digits, sets in their order. */
function expected(value: AttributeValue): Read {
	const [[tag, content]] = Object.entries(value) as [[string, never]];
	switch (tag) {
		case "S":
		case "B":
			return { text: content };
		case "N":
			return { number: content };
		case "BOOL":
			return content;
		case "NULL":
			return null;
		case "L":
			return { list: (content as AttributeValue[]).map(expected) };
		case "M":
			return expectedItem(content);
		case "NS":
			return { list: (content as string[]).toSorted(compareNumbers).map((number) => ({ number })) };
		default:
			return { list: (content as string[]).toSorted(compareUtf8).map((text) => ({ text })) };
	}
}

const expectedItem = (item: Item): Read => ({
	members: Object.entries(item).map(([name, value]) => [name, expected(value)]),
});

// DynamoDB writes numbers in JSON's own spelling, of up to 38 digits, from 1E-130 to 9.99E+125.
const number = fc
	.tuple(
		fc.constantFrom("", "-"),
		fc.bigInt({ min: 0n, max: 10n ** 38n - 1n }),
		fc.option(fc.integer({ min: -130, max: 125 })),
		fc.nat(38),
	)
	.map(([sign, digits, exponent, point]) => {
		const text = digits.toString();
		const cut = Math.min(point, text.length - 1);
		const decimal = cut === 0 ? text : `${text.slice(0, -cut)}.${text.slice(-cut)}`;
		return `${sign}${decimal}${exponent === null ? "" : `E${exponent < 0 ? "" : "+"}${exponent}`}`;
	});
const text = fc.string({ unit: "binary", maxLength: 12 });
const binary = fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes).toString("base64"));
const name = fc.oneof(
	fc.constantFrom("__proto__", "toJSON", "constructor", "hasOwnProperty", "", "a.b", "S", "N", "0", "10", "2"),
	text,
);
const setOf = (member: fc.Arbitrary<string>): fc.Arbitrary<string[]> =>
	fc.uniqueArray(member, { minLength: 1, maxLength: 5 });

/** Own members whatever they are called, as JSON.parse makes them. */
const itemOf = (value: fc.Arbitrary<AttributeValue>): fc.Arbitrary<Item> =>
	fc.array(fc.tuple(name, value), { maxLength: 5 }).map((members) => {
		const json = members.map(([key, content]) => `${JSON.stringify(key)}:${JSON.stringify(content)}`);
		return JSON.parse(`{${json.join(",")}}`);
	});

const { value } = fc.letrec<{ value: AttributeValue }>((tie) => ({
	value: fc.oneof(
		{ depthSize: "small", withCrossShrink: true },
		text.map((S) => ({ S })),
		number.map((N) => ({ N })),
		binary.map((B) => ({ B })),
		fc.boolean().map((BOOL) => ({ BOOL })),
		fc.constant({ NULL: true }),
		setOf(text).map((SS) => ({ SS })),
		setOf(number).map((NS) => ({ NS })),
		setOf(binary).map((BS) => ({ BS })),
		fc.array(tie("value"), { maxLength: 4 }).map((L) => ({ L })),
		itemOf(tie("value")).map((M) => ({ M })),
	),
}));

test("every item comes back whole from its JSON: each digit, name, byte and member", () => {
	fc.assert(
		fc.property(itemOf(value), (item) => {
			expect(readJson(jsonText((out) => writeItem(out, item, "literal")))).toEqual(expectedItem(item));
		}),
		{ numRuns: 1000 },
	);
});

/** Computed: written out it would set the prototype. */
const PROTO = "__proto__";

test("as deep as DynamoDB nests, and with numbers as strings", () => {
	let deep: AttributeValue = { N: "0.00000000000000000000000000000000000001" };
	for (let depth = 0; depth < 31; depth++) deep = depth % 2 === 0 ? { L: [deep] } : { M: { [PROTO]: deep } };
	const item = { deep };
	expect(readJson(jsonText((out) => writeItem(out, item, "literal")))).toEqual(expectedItem(item));
	const quoted = JSON.stringify(expectedItem(item)).replaceAll('"number"', '"text"');
	expect(JSON.stringify(readJson(jsonText((out) => writeItem(out, item, "string"))))).toBe(quoted);
});

test("the reader keeps what JSON.parse would lose", () => {
	expect(readJson('{"a":[12345678901234567890.10,{"__proto__":null}]}')).toEqual({
		members: [["a", { list: [{ number: "12345678901234567890.10" }, { members: [["__proto__", null]] }] }]],
	});
	expect(() => readJson("[1 2]")).toThrow();
});
