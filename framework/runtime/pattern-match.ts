import { BlockList, isIP } from "node:net";
import { compileNumeric } from "./pattern-numeric.ts";
import { foldCase } from "./text.ts";

/** A test of one leaf; `absent` asks that the whole event has no leaf at the path. */
export type Match = ((leaf: unknown) => boolean) | "absent";

type LeafTest = (leaf: unknown) => boolean;
type Compile = (operand: unknown, place: string) => Match;

const OPERATORS: Readonly<Record<string, Compile>> = {
	exists: (operand, place) => {
		if (typeof operand !== "boolean") throw new Error(`exists match pattern must be either true or false${place}`);
		return operand ? () => true : "absent";
	},
	"anything-but": (operand, place) => anythingBut(operand, place),
	prefix: (operand, place) => affix("prefix", operand, place),
	suffix: (operand, place) => affix("suffix", operand, place),
	"equals-ignore-case": (operand, place) => ignoreCase(operand, place),
	numeric: (operand, place) => compileNumeric(operand, place),
	wildcard: (operand, place) => wildcard(operand, place),
	cidr: (operand, place) => cidr(operand, place),
};

const RESERVED = new Set([...Object.keys(OPERATORS), "exactly", "regex"]);

/** Whether a member of this name makes `$or` an ordinary field. */
export function isOperatorName(name: string): boolean {
	return RESERVED.has(name);
}

/** Compiles one entry of a field's list. */
export function compileMatch(entry: unknown, place: string): Match {
	if (Array.isArray(entry)) throw new Error(`Match value must be String, number, true, false, or null${place}`);
	if (typeof entry !== "object" || entry === null) return equals(entry, place);
	const [name, ...more] = Object.keys(entry);
	if (name === undefined || more.length > 0) throw new Error(`Only one key allowed in match expression${place}`);
	const compile = Object.hasOwn(OPERATORS, name) ? OPERATORS[name] : undefined;
	if (compile === undefined) throw new Error(`Unrecognized match type ${name}${place}`);
	return compile((entry as Record<string, unknown>)[name], place);
}

function equals(value: unknown, place: string): LeafTest {
	if (value !== null && !["string", "number", "boolean", "bigint"].includes(typeof value))
		throw new Error(`Match value must be String, number, true, false, or null${place}`);
	return (leaf) => same(leaf, value);
}

/** A number and a bigint are equal by value; all else by identity. */
function same(leaf: unknown, value: unknown): boolean {
	if (leaf === value) return true;
	// biome-ignore lint/suspicious/noDoubleEquals: only so do a bigint and a number compare by value.
	return isNumber(leaf) && isNumber(value) && leaf == value;
}

function anythingBut(operand: unknown, place: string): LeafTest {
	if (typeof operand === "object" && operand !== null && !Array.isArray(operand))
		return anythingButMatch(operand, place);
	const values: unknown[] = Array.isArray(operand) ? operand : [operand];
	if (values.length === 0) throw new Error(`Empty arrays are not allowed${place}`);
	if (!values.every((value) => typeof value === "string") && !values.every(isNumber))
		throw new Error(`Inside anything-but, values must be all strings or all numbers${place}`);
	return (leaf) => !values.some((value) => same(leaf, value));
}

const NEGATABLE = ["prefix", "suffix", "equals-ignore-case", "wildcard"];

function anythingButMatch(operand: object, place: string): LeafTest {
	const [name = "", ...more] = Object.keys(operand);
	if (more.length > 0) throw new Error(`Only one key allowed in match expression${place}`);
	if (!NEGATABLE.includes(name)) throw new Error(`Unsupported anything-but pattern: ${name}${place}`);
	const given: unknown = (operand as Record<string, unknown>)[name];
	const values: unknown[] = Array.isArray(given) ? given : [given];
	if (values.length === 0) throw new Error(`Empty arrays are not allowed${place}`);
	if (values.includes("")) throw new Error(`Null prefix/suffix not allowed${place}`);
	const tests = values.map((value) => compileMatch({ [name]: value }, place) as LeafTest);
	return (leaf) => !tests.some((test) => test(leaf));
}

function affix(kind: "prefix" | "suffix", operand: unknown, place: string): LeafTest {
	const fold = typeof operand === "object" && operand !== null;
	const text = fold ? (operand as Record<string, unknown>)["equals-ignore-case"] : operand;
	if (typeof text !== "string" || (fold && Object.keys(operand as object).length !== 1))
		throw new Error(`${kind} match pattern must be a string${place}`);
	const apply = fold ? foldCase : (value: string) => value;
	const wanted = apply(text);
	return kind === "prefix"
		? (leaf) => typeof leaf === "string" && apply(leaf).startsWith(wanted)
		: (leaf) => typeof leaf === "string" && apply(leaf).endsWith(wanted);
}

function ignoreCase(operand: unknown, place: string): LeafTest {
	if (typeof operand !== "string") throw new Error(`equals-ignore-case match pattern must be a string${place}`);
	const wanted = foldCase(operand);
	return (leaf) => typeof leaf === "string" && foldCase(leaf) === wanted;
}

function wildcard(operand: unknown, place: string): LeafTest {
	if (typeof operand !== "string") throw new Error(`wildcard match pattern must be a string${place}`);
	const parts = splitWildcard(operand, place);
	return (leaf) => typeof leaf === "string" && matchesParts(leaf, parts);
}

/** The texts between the asterisks; `\*` and `\\` are literal. */
function splitWildcard(text: string, place: string): string[] {
	const parts = [""];
	for (const [token] of text.matchAll(/\\[\s\S]?|\*|[^\\*]+/g)) {
		if (token.startsWith("\\") && token !== "\\*" && token !== "\\\\")
			throw new Error(`Invalid escape character in wildcard${place}`);
		if (token !== "*") parts.push(parts.pop() + token.replace(/^\\/, ""));
		else if (parts.length > 1 && parts.at(-1) === "") throw new Error(`Consecutive wildcard characters${place}`);
		else parts.push("");
	}
	return parts;
}

/** Leftmost first: no regular expression, whose backtracking an event could drive. */
function matchesParts(text: string, parts: string[]): boolean {
	const [first = "", ...rest] = parts;
	const last = rest.pop();
	if (last === undefined) return text === first;
	if (!text.startsWith(first)) return false;
	let from = first.length;
	for (const part of rest) {
		const at = text.indexOf(part, from);
		if (at === -1) return false;
		from = at + part.length;
	}
	return text.length - last.length >= from && text.endsWith(last);
}

function cidr(operand: unknown, place: string): LeafTest {
	const [address = "", bits = ""] = typeof operand === "string" ? operand.split("/") : [];
	const family = isIP(address);
	if (family === 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > (family === 4 ? 32 : 128))
		throw new Error(`Malformed CIDR${place}`);
	const type = family === 4 ? "ipv4" : "ipv6";
	const block = new BlockList();
	block.addSubnet(address, Number(bits), type);
	return (leaf) => typeof leaf === "string" && isIP(leaf) === family && block.check(leaf, type);
}

function isNumber(value: unknown): value is number | bigint {
	return typeof value === "number" || typeof value === "bigint";
}
