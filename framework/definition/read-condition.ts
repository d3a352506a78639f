import core from "../../schemas/core/pipeline.json" with { type: "json" };
import type { Condition } from "../contract/condition.ts";
import { type Diagnostic, hasErrors } from "../diagnostics/diagnostic.ts";
import { place } from "./compile.ts";
import { sourceTextAt } from "./locate.ts";
import { readSource } from "./read.ts";
import { checkAgainst } from "./shape.ts";
import { compileCondition } from "./when.ts";

/** A condition alone, as `when` has it in a definition. */
const WHEN = { $defs: core.$defs, $ref: "#/$defs/when" };

export interface ReadCondition {
	/** null if something in it is an error. */
	condition: Condition | null;
	diagnostics: Diagnostic[];
}

/** Reads a condition that stands outside a definition: `{ new: { status: PAID } }`. `name` is what messages call its text. */
export function readCondition(text: string, name: string): ReadCondition {
	const { source, diagnostics } = readSource({ file: name, bytes: Buffer.from(text) });
	if (source === null || hasErrors(diagnostics)) return { condition: null, diagnostics };
	const { condition, problems } = compileCondition(source.value, [], (path) => sourceTextAt(source, path));
	const found = [...checkAgainst(WHEN, source.value, []), ...problems];
	if (found.length === 0) return { condition, diagnostics };
	return { condition: null, diagnostics: found.map((problem) => place(problem, { source, path: problem.path })) };
}
