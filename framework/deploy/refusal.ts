import { log, RunError } from "@pulumi/pulumi";
import { type Diagnostic, hasErrors } from "../diagnostics/diagnostic.ts";
import { renderHuman } from "../diagnostics/render-human.ts";
import { UsageError } from "../diagnostics/usage-error.ts";

/** Shows what is worth knowing, and ends the program if anything is wrong: its messages, no stack, and nothing made. */
export async function report(diagnostics: readonly Diagnostic[], sources: ReadonlyMap<string, string>): Promise<void> {
	const render = (some: readonly Diagnostic[]) => renderHuman(some, { sources, colour: false });
	if (hasErrors(diagnostics)) throw new RunError(render(diagnostics.filter(({ severity }) => severity !== "hint")));
	for (const diagnostic of diagnostics) {
		if (diagnostic.severity === "warning") await log.warn(render([diagnostic]));
	}
}

/** A user's mistake as Pulumi prints one; anything else is a fault of ours and keeps its stack. */
export async function withoutStack<T>(run: () => Promise<T>): Promise<T> {
	try {
		return await run();
	} catch (error) {
		throw error instanceof UsageError ? new RunError(error.message) : error;
	}
}
