import { type Condition, type ImageTest, ITEM_EVENTS, type ItemPath, type Scalar } from "./condition.ts";

/** A condition in one line of words, as the plan and `pipeline explain` show it. */
export function describeCondition(condition: Condition | null): string {
	if (condition === null) return "every record";
	const parts = describeParts(condition);
	return parts.length === 0 ? "every record" : parts.join("; ");
}

function describeParts({ events, tests, changed, any }: Condition): string[] {
	return [
		...(events.length < ITEM_EVENTS.length ? [describeEvents(events)] : []),
		...tests.map(describeTest),
		...changed.map((path) => `${describePath(path)} changed`),
		...(any.length > 0 ? [describeAny(any)] : []),
	];
}

/** `events INSERT or MODIFY` */
export function describeEvents(events: Condition["events"]): string {
	return `event ${events.join(" or ")}`;
}

/** `any of (new.a is 1) or (new.b is 2)` */
export function describeAny(any: Condition["any"]): string {
	return `any of ${any.map((member) => `(${describeCondition(member)})`).join(" or ")}`;
}

/** One test: `new.status is "PAID"`, `new.total >= 100`. */
export function describeTest(test: ImageTest): string {
	return `${test.image}.${describePath(test.path)} ${describeOperator(test)}`;
}

function describeOperator(test: ImageTest): string {
	switch (test.op) {
		case "equals":
			return `is ${describeValues(test.values)}`;
		case "not":
			return `is not ${describeValues(test.values)}`;
		case "prefix":
			return `begins with ${JSON.stringify(test.value)}`;
		case "suffix":
			return `ends with ${JSON.stringify(test.value)}`;
		case "equalsIgnoreCase":
			return `is ${JSON.stringify(test.value)} in any case`;
		case "gt":
			return `> ${describeScalar(test.value)}`;
		case "gte":
			return `>= ${describeScalar(test.value)}`;
		case "lt":
			return `< ${describeScalar(test.value)}`;
		case "lte":
			return `<= ${describeScalar(test.value)}`;
		case "between":
			return `is between ${describeScalar(test.low)} and ${describeScalar(test.high)}`;
		case "exists":
			return test.value ? "exists" : "does not exist";
		case "contains":
			return `contains ${describeScalar(test.value)}`;
	}
}

function describeValues(values: Scalar[]): string {
	return values.map(describeScalar).join(" or ");
}

function describeScalar(value: Scalar): string {
	if ("S" in value) return JSON.stringify(value.S);
	return "N" in value ? value.N : String(value.BOOL);
}

/** A path as conditions write it: `customer.lines[0]`; names with other characters are quoted. */
export function describePath(path: ItemPath): string {
	return path
		.map((step, index) => {
			if (typeof step === "number") return `[${step}]`;
			return `${index === 0 ? "" : "."}${/^[\w-]+$/.test(step) ? step : JSON.stringify(step)}`;
		})
		.join("");
}
