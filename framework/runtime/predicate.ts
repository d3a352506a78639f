import type { Condition, ImageTest, ItemPath } from "../contract/condition.ts";
import { ITEM_EVENTS } from "../contract/condition.ts";
import { describeAny, describeEvents, describePath, describeTest } from "../contract/describe-condition.ts";
import type { StreamRecord } from "../contract/dynamodb.ts";
import { classify } from "./change.ts";
import { equalValues } from "./equal-values.ts";
import { compileOperator } from "./operator.ts";

/** The exact meaning of a condition; the mapping's filters are only an economy. Asks a record whose envelope is good; its images may be anything. */
export interface Predicate {
	matches(record: StreamRecord): boolean;
	/** Which part does not hold, without a value of the record: it may be logged. Null when the record is selected. */
	explain(record: StreamRecord): string | null;
}

interface Part {
	holds(record: StreamRecord): boolean;
	/** Said when it does not hold. */
	reason(record: StreamRecord): string;
}

const compiled = new WeakMap<Condition, Predicate>();

/** Compiles a condition, once, to closures over the raw record: what is not selected is never converted. */
export function compilePredicate(condition: Condition): Predicate {
	const known = compiled.get(condition) ?? predicateOf(compileParts(condition));
	compiled.set(condition, known);
	return known;
}

function predicateOf(parts: readonly Part[]): Predicate {
	return {
		matches(record) {
			for (const part of parts) if (!part.holds(record)) return false;
			return true;
		},
		explain: (record) => parts.find((part) => !part.holds(record))?.reason(record) ?? null,
	};
}

function compileParts({ events, tests, changed, any }: Condition): Part[] {
	return [
		...(events.length < ITEM_EVENTS.length ? [compileEvents(events)] : []),
		...tests.map(compileTest),
		...changed.map(compileChanged),
		...(any.length > 0 ? [compileAny(any)] : []),
	];
}

function compileEvents(events: Condition["events"]): Part {
	return {
		holds: (record) => events.includes(classify(record)),
		reason: (record) => `asked for ${describeEvents(events)}, this is ${classify(record)}`,
	};
}

function compileTest(test: ImageTest): Part {
	const holds = compileOperator(test);
	const find = compilePath(test.path);
	const imageOf = test.image === "new" ? newImage : oldImage;
	return {
		holds: (record) => holds(find(imageOf(record))),
		reason: (record) => {
			const image = imageOf(record);
			const found = find(image);
			const state = image === undefined ? `there is no ${test.image} image` : `it is ${describeType(found)}`;
			return `${describeTest(test)} does not hold: ${state}`;
		},
	};
}

function compileChanged(path: ItemPath): Part {
	const find = compilePath(path);
	return {
		holds: (record) => !equalValues(find(oldImage(record)), find(newImage(record))),
		reason: () => `${describePath(path)} did not change`,
	};
}

function compileAny(any: Condition[]): Part {
	const members = any.map(compilePredicate);
	return {
		holds: (record) => members.some((member) => member.matches(record)),
		reason: () => `${describeAny(any)} does not hold`,
	};
}

function newImage(record: StreamRecord): unknown {
	return record.dynamodb.NewImage;
}

function oldImage(record: StreamRecord): unknown {
	return record.dynamodb.OldImage;
}

type Find = (value: unknown) => unknown;

/** Finds a path's attribute value in an image; undefined = absent. */
function compilePath(path: ItemPath): Find {
	const [first, ...rest] = path;
	const steps = rest.map(compileStep);
	const start = typeof first === "string" ? memberOf(first) : () => undefined;
	return (image) => {
		let value = start(image);
		for (const step of steps) value = step(value);
		return value ?? undefined;
	};
}

function compileStep(step: string | number): Find {
	if (typeof step === "string") {
		const find = memberOf(step);
		return (value) => find(membersOf(value));
	}
	return (value) => {
		const list = isObject(value) ? value.L : undefined;
		return Array.isArray(list) ? list[step] : undefined;
	};
}

function membersOf(value: unknown): unknown {
	return isObject(value) ? value.M : undefined;
}

/** Own members only: an attribute may be called `constructor`. */
function memberOf(name: string): Find {
	if (name in Object.prototype)
		return (value) => (isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined);
	// Nothing that JSON.parse makes inherits another name, and a plain load costs half.
	return (value) => (isObject(value) ? value[name] : undefined);
}

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null;
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
	S: "a text",
	N: "a number",
	B: "binary",
	BOOL: "a boolean",
	NULL: "null",
	L: "a list",
	M: "a map",
	SS: "a set of texts",
	NS: "a set of numbers",
	BS: "a set of binaries",
};

function describeType(value: unknown): string {
	if (value === undefined) return "absent";
	const tag = Object.keys(value as object)[0] ?? "";
	const name = Object.hasOwn(TYPE_NAMES, tag) ? TYPE_NAMES[tag] : undefined;
	return name ?? "of no known type";
}
