import type { Run } from "./run.ts";

/** Lines of a trace that are shown before the first breach. */
const LINES_BEFORE = 200;

/** A run in words: what was drawn, what was breached, and what led to it. */
export function describeRun({ scenario, facts, trace, hash }: Run): string {
	const { seed, faults, writes, consumers, ...options } = scenario;
	const end = trace.findIndex((line) => line.includes(" !! ")) + 1 || trace.length;
	return [
		`seed ${seed}`,
		`drawn ${JSON.stringify(options)}`,
		...consumers.map((consumer) => `consumer ${JSON.stringify(consumer)}`),
		...faults.map((fault) => `fault ${JSON.stringify(fault)}`),
		`writes ${writes.length}`,
		...facts.violations.slice(0, 5).map(({ invariant, text }) => `${invariant} ${text}`),
		`trace ${hash}, in seconds since the start:`,
		...trace.slice(Math.max(0, end - LINES_BEFORE), end),
		"",
	].join("\n");
}
