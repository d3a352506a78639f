/** What happened to an item. EXPIRE is a delete that TTL made; REMOVE is every other delete. */
export const ITEM_EVENTS = ["INSERT", "MODIFY", "REMOVE", "EXPIRE"] as const;
export type ItemEvent = (typeof ITEM_EVENTS)[number];

/** A path into an item: attribute names and list indices, `customer.lines[0]` = ["customer", "lines", 0]. */
export type ItemPath = (string | number)[];

/** A typed constant of a condition. `N` is the number's text as written: never a float. */
export type Scalar = { S: string } | { N: string } | { BOOL: boolean };

/** Orderable constants: text compares by UTF-8 bytes as DynamoDB does, numbers as decimals. */
export type Orderable = { S: string } | { N: string };

/** One operator on one attribute. An absent attribute makes each false, but for `not` and `exists: false`. */
export type Operator =
	/** Equal to one of the values. */
	| { op: "equals"; values: Scalar[] }
	/** Equal to none of the values, or absent. */
	| { op: "not"; values: Scalar[] }
	| { op: "prefix"; value: string }
	| { op: "suffix"; value: string }
	| { op: "equalsIgnoreCase"; value: string }
	| { op: "gt"; value: Orderable }
	| { op: "gte"; value: Orderable }
	| { op: "lt"; value: Orderable }
	| { op: "lte"; value: Orderable }
	/** Both ends belong to it. */
	| { op: "between"; low: Orderable; high: Orderable }
	| { op: "exists"; value: boolean }
	/** An element of a list or set, or a part of a text. */
	| { op: "contains"; value: Scalar };

export type ImageTest = { image: "new" | "old"; path: ItemPath } & Operator;

/** A `when`, compiled: plain data in the plan, a closure in the runtime. All parts must hold. */
export interface Condition {
	/** At least one; all four when the definition names none. */
	events: ItemEvent[];
	tests: ImageTest[];
	/** Each of these differs between the old and the new image; absent counts as a value, sets compare without order. */
	changed: ItemPath[];
	/** At least one of these holds; an empty list asks nothing. Members have an empty `any`. */
	any: Condition[];
}
