import { LakeError } from "../lake-error.ts";
import type { TimeRange } from "../range.ts";
import type { Witnessed } from "./witness.ts";

interface ChangePage {
	since: number;
	changes: Witnessed[];
	next: string | null;
}

/** Since when a local run's change log is kept, in epoch seconds. `endpoint`: the embedded services. */
export async function changeLogSince(endpoint: string, table: string): Promise<number> {
	const { since } = await readPage(endpoint, table, { from: Number.MAX_SAFE_INTEGER.toString().slice(0, 11) });
	return since / 1000;
}

/** Every change of a table that the local run's own log has of a range. */
export async function* readChangeLog(
	endpoint: string,
	table: string,
	{ from, to }: TimeRange,
): AsyncGenerator<Witnessed[]> {
	let after: string | null = null;
	do {
		const start: Record<string, string> = after === null ? { from: String(Math.max(0, from)) } : { after };
		const page = await readPage(endpoint, table, start);
		yield page.changes;
		after = (page.changes.at(-1)?.time ?? 0) >= to ? null : page.next;
	} while (after !== null);
}

async function readPage(endpoint: string, table: string, start: Record<string, string>): Promise<ChangePage> {
	const response = await fetch(`${endpoint}/_changes?${new URLSearchParams({ table, ...start })}`);
	if (!response.ok)
		throw new LakeError(
			"witness-unreachable",
			`The local change log cannot be read: it answers ${response.status}. A \`pipeline dev\` that is older than this command keeps none: start it anew.`,
		);
	return (await response.json()) as ChangePage;
}
