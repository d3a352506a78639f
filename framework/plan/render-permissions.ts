import type { Statement } from "../contract/statement.ts";
import { list } from "./layout.ts";
import type { PlannedFunction } from "./types.ts";

/** Who may do what: each permission once, with the functions that have it. On which resources is in the JSON. */
export function listPermissions(functions: readonly PlannedFunction[]): string[] {
	const held = functions.flatMap(({ id, statements }) => statements.map((statement) => ({ id, statement })));
	const alike = Map.groupBy(held, ({ statement: { sid, actions } }) => `${sid} ${actions.join()}`);
	const rows = [...alike.values()].flatMap(([first, ...more]): [string, string][] => {
		if (!first) return [];
		const holders = [first, ...more].map(({ id }) => id);
		const who = holders.length === functions.length && holders.length > 1 ? "every function" : holders.join(", ");
		return [[first.statement.sid, `${who}: ${describeActions(first.statement)}`]];
	});
	return list(rows, "  ");
}

/** `s3:GetObject, PutObject`: a service is named once. */
function describeActions({ actions }: Statement): string {
	let service = "";
	const texts = actions.map((action) => {
		const [prefix = "", name = ""] = action.split(":");
		const text = prefix === service ? name : action;
		service = prefix;
		return text;
	});
	return texts.join(", ");
}
