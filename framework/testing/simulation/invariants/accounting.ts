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
		if (consumers.length === 0) continue;
		const said = own.filter(({ outcome }) => outcome === "delivered").length;
		const taken = world.facts.receipts.filter(
			(receipt) => receipt.invocation === invocation && receipt.consumer === subject && receipt.confirmed,
		);
		const once = new Set(taken.map(({ truth }) => truth)).size;
		// A function that goes on is sent what lies behind a failure again (ADR 3).
		if (said !== taken.length && !(world.consumerNamed(subject).goesOn && said === once))
			world.breach("I8", `${name} #${index} reported ${said} deliveries to ${subject}, which took ${taken.length}.`);
	}
	for (const id of truths) world.mark("I8", id);
}
