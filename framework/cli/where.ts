import type { Condition } from "../contract/condition.ts";
import { readCondition } from "../definition/read-condition.ts";
import { renderHuman } from "../diagnostics/render-human.ts";
import type { CommandOption, Io } from "./command.ts";

/** Option of every command that chooses records by a condition. */
export const WHERE_OPTION = {
	where: {
		type: "string",
		value: "CONDITION",
		help: "Only records for which this holds, written as `when` in a definition: '{ new: { status: PAID } }'",
	},
} as const satisfies Record<string, CommandOption>;

/** The condition of `--where`: null without one; undefined if it has errors, which are printed then. */
export function parseWhere(text: string | undefined, io: Io): Condition | null | undefined {
	if (text === undefined) return null;
	const { condition, diagnostics } = readCondition(text, "--where");
	if (condition !== null) return condition;
	io.stderr(renderHuman(diagnostics, { sources: new Map([["--where", text]]), colour: io.terminal }));
	return undefined;
}
