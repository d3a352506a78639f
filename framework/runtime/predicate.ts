import type { Change } from "../contract/change.ts";
import type { Condition, ImageTest, ItemPath } from "../contract/condition.ts";
import { ITEM_EVENTS } from "../contract/condition.ts";
import { describeAny, describeEvents, describePath, describeTest } from "../contract/describe-condition.ts";
import { equalValues } from "./equal-values.ts";
import { compileOperator } from "./operator.ts";

/** The exact meaning of a condition; the mapping's filters are only an economy. */
export interface Predicate {
	matches(change: Change): boolean;
	/** Which part does not hold, without a value of the record: it may be logged. Null when the change is selected. */
	explain(change: Change): string | null;
}

interface Part {
	holds(change: Change): boolean;
	/** Said when it does not hold. */
	reason(change: Change): string;
}

/** Compiles a condition to closures over the raw record: what is not selected is never converted. */
export function compilePredicate(condition: Condition): Predicate {
	const parts = compileParts(condition);
	return {
		matches: (change) => parts.every((part) => part.holds(change)),
		explain: (change) => parts.find((part) => !part.holds(change))?.reason(change) ?? null,
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
		holds: ({ event }) => events.includes(event),
		reason: ({ event }) => `asked for ${describeEvents(events)}, this is ${event}`,
	};
}

function compileTest(test: ImageTest): Part {
	const holds = compileOperator(test);
	const find = compilePath(test.path);
	const imageOf = test.image === "new" ? newImage : oldImage;
	return {
		holds: (change) => holds(find(imageOf(change))),
		reason: (change) => {
			const image = imageOf(change);
			const found = find(image);
			const state = image === undefined ? `there is no ${test.image} image` : `it is ${describeType(found)}`;
			return `${describeTest(test)} does not hold: ${state}`;
		},
	};
}

function compileChanged(path: ItemPath): Part {
	const find = compilePath(path);
	return {
		holds: (change) => !equalValues(find(oldImage(change)), find(newImage(change))),
		reason: () => `${describePath(path)} did not change`,
	};
}

function compileAny(any: Condition[]): Part {
	const members = any.map(compilePredicate);
	return {
		holds: (change) => members.some((member) => member.matches(change)),
		reason: () => `${describeAny(any)} does not hold`,
	};
}

function newImage(change: Change): unknown {
	return change.record.dynamodb?.NewImage;
}

function oldImage(change: Change): unknown {
	return change.record.dynamodb?.OldImage;
}

/** Finds a path's attribute value in an image; undefined = absent. */
function compilePath(path: ItemPath): (image: unknown) => unknown {
	return (image) => {
		let value: unknown = { M: image };
		for (const step of path) value = typeof step === "string" ? member(member(value, "M"), step) : element(value, step);
		return value ?? undefined;
	};
}

function element(value: unknown, index: number): unknown {
	const list = member(value, "L");
	return Array.isArray(list) ? list[index] : undefined;
}

/** Own members only: an attribute may be called `constructor`. */
function member(value: unknown, name: string): unknown {
	return typeof value === "object" && value !== null && Object.hasOwn(value, name)
		? (value as Record<string, unknown>)[name]
		: undefined;
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
