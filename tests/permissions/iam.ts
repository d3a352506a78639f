import type { Statement } from "../../framework/contract/statement.ts";

/** A permission whose resources are ARNs. */
export interface BoundStatement extends Omit<Statement, "resources"> {
	resources: string[];
}

/** A call, as IAM sees it. */
export interface Request {
	/** `s3:PutObject`. */
	action: string;
	/** ARN of what it touches. */
	resource: string;
	/** Condition keys that the service gives, each with its values. */
	context: Record<string, string[]>;
}

/**
 * IAM's evaluation, as far as the plan's policies use it (IAM user guide, "Policy evaluation logic" and "IAM JSON policy elements:
 * Condition operators"). An operator that it does not know is an error, never a yes.
 */
export function allows(statement: BoundStatement, request: Request): boolean {
	return (
		statement.actions.includes(request.action) &&
		statement.resources.some((resource) => matches(resource, request.resource)) &&
		Object.entries(statement.conditions).every(([operator, keys]) =>
			Object.entries(keys).every(([key, allowed]) => holds(operator, allowed, request.context[key])),
		)
	);
}

function holds(operator: string, allowed: readonly string[], values: readonly string[] = []): boolean {
	switch (operator) {
		case "StringEquals":
			return values.length === 1 && allowed.includes(values[0] as string);
		// A key that the request lacks satisfies ForAllValues: a caller of such a statement is asked for its key elsewhere.
		case "ForAllValues:StringEquals":
			return values.every((value) => allowed.includes(value));
		case "ForAllValues:StringLike":
			return values.every((value) => allowed.some((pattern) => matches(pattern, value)));
		default:
			throw new Error(`${operator} is an operator that these tests do not know`);
	}
}

/** `*` is any text, `?` one character; `${*}`, `${?}` and `${$}` stand for themselves. */
export function matches(pattern: string, text: string): boolean {
	const parts = pattern.split(/(\$\{[*?$]\}|[*?])/);
	const source = parts.map((part) => {
		if (part === "*") return "[\\s\\S]*";
		if (part === "?") return "[\\s\\S]";
		return (/^\$\{([*?$])\}$/.exec(part)?.[1] ?? part).replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
	});
	return new RegExp(`^${source.join("")}$`).test(text);
}

/** Whether a pattern is more than one ARN. */
export const isWildcard = (pattern: string): boolean => /[*?]/.test(pattern.replace(/\$\{[*?$]\}/g, ""));
