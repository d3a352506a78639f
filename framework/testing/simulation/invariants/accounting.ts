import type { Delivery } from "../../../runtime/observer.ts";
import { type InvocationFact, isClean } from "../facts.ts";
import type { World } from "../world.ts";

/** I8: a function says of each record and consumer once what became of it, and says the truth. */
export function judgeReports(world: World, invocation: InvocationFact): void {
	if (!isClean(invocation)) return;
	const { function: name, index, consumers, truths, reports } = invocation;
	const subjects = consumers.length > 0 ? consumers : [name];
	for (const subject of subjects) {
		const own = reports.filter(({ consumer }) => consumer === subject);
		if (own.length !== truths.length)
			world.breach(
				"I8",
				`${name} #${index} reported ${own.length} outcomes of ${subject} for ${truths.length} records.`,
			);
		judgeMetrics(world, invocation, subject, own);
		if (consumers.length === 0) continue;
		const said = own.filter(({ outcome }) => outcome === "delivered").length;
		const taken = [...world.facts.receipts, ...world.facts.replayed].filter(
			(receipt) => receipt.invocation === invocation && receipt.consumer === subject && receipt.confirmed,
		);
		const once = new Set(taken.map(({ truth }) => truth)).size;
		// A function that goes on is sent what lies behind a failure again, and may not take it then (ADR 3).
		if (said !== taken.length && !(world.consumerNamed(subject).goesOn && said <= once))
			world.breach("I8", `${name} #${index} reported ${said} deliveries to ${subject}, which took ${taken.length}.`);
	}
	for (const id of truths) world.mark("I8", id);
}

/** The metric that counts an outcome. */
const METRIC_OF = {
	delivered: "delivered",
	deduplicated: "deduplicated",
	retry: "retried",
	reject: "parked",
	held: "held",
};

/** The metrics say the same as the reports. */
function judgeMetrics(world: World, invocation: InvocationFact, subject: string, reports: readonly Delivery[]): void {
	const { function: name, index, metrics } = invocation;
	const sums = metrics.get(invocation.replay !== null ? `${subject}.replay` : subject) ?? {};
	const expected: Record<string, number> = { received: reports.length };
	for (const [outcome, metric] of Object.entries(METRIC_OF))
		expected[metric] = reports.filter((report) => report.outcome === outcome).length;
	for (const [metric, value] of Object.entries(expected))
		if ((sums[metric] ?? 0) !== value)
			world.breach("I8", `${name} #${index} measured ${metric} ${sums[metric] ?? 0} of ${subject}, not ${value}.`);
}
