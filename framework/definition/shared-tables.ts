import { readersUsed } from "../contract/readers.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { place } from "./compile.ts";
import { findNode } from "./locate.ts";
import type { Source } from "./read.ts";
import type { Definition } from "./types.ts";

/** Pipelines of one environment that adopt one table read its stream side by side: each has to count the others. */
export function findSharedTables(
	environment: string,
	definitions: readonly Definition[],
	sources: readonly Source[],
): Diagnostic[] {
	const adopting = definitions.filter(({ enabled, table }) => enabled && table.existing !== null);
	return adopting.flatMap((definition) => {
		const others = adopting.filter((each) => each !== definition && each.table.existing === definition.table.existing);
		const readers = others.reduce((sum, other) => sum + readersUsed(other), 0);
		const source = sources.find(({ value }) => value.name === definition.name);
		if (source === undefined || readers <= definition.table.otherReaders) return [];
		const names = others.map(({ name }) => `"${name}"`).join(", ");
		const path = pathOf(source, environment);
		return [
			place(
				{
					code: "stream-readers",
					path,
					at: "value",
					detail: `In the environment ${environment}, ${names} adopt${others.length === 1 ? "s" : ""} the table "${definition.table.existing}" too and read${others.length === 1 ? "s" : ""} its stream ${readers} times; \`otherReaders\` counts ${definition.table.otherReaders}.`,
					help: "Let `otherReaders` of each count the others' readers: with 1 a pipeline needs one reader. Or make them one pipeline of more consumers.",
				},
				{ source, path },
			),
		];
	});
}

/** Where the file says which table it is in this environment. */
function pathOf(source: Source, environment: string): string[] {
	const overlaid = ["environments", environment, "table", "existing"];
	return findNode(source, overlaid) === null ? ["table", "existing"] : overlaid;
}
