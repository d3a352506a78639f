import { wanted } from "../expectation.ts";
import { type InvocationFact, isClean, type Receipt } from "../facts.ts";
import type { World } from "../world.ts";

/** I3: every repeat has a reason: an unheard answer, an attempt that did not end well, a second copy in the stream. */
export function judgeDuplicates(world: World): void {
	const { facts } = world;
	const attempts = Map.groupBy(
		facts.invocations.flatMap((invocation) => [...new Set(invocation.truths)].map((truth) => ({ invocation, truth }))),
		({ invocation, truth }) => `${invocation.function} ${truth}`,
	);
	for (const receipts of Map.groupBy(facts.receipts, ({ consumer, truth }) => `${consumer} ${truth}`).values()) {
		const [first] = receipts;
		// What has no sequence number cannot be remembered as done.
		if (!first || world.truth(first.truth).shape === "no-sequence") continue;
		world.mark("I3", first.truth);
		const tries = attempts.get(`${first.invocation.function} ${first.truth}`) ?? [];
		const allowed =
			1 +
			reasons(
				receipts,
				tries.map(({ invocation }) => invocation),
				world,
			);
		if (receipts.length > allowed)
			world.breach(
				"I3",
				`${first.consumer} got r${first.truth} ${receipts.length} times; ${allowed} can be explained.`,
			);
	}
	judgeIdentity(world);
}

function reasons(receipts: readonly Receipt[], tries: readonly InvocationFact[], world: World): number {
	const unheard = receipts.filter(({ confirmed }) => !confirmed).length;
	const unclean = tries.filter((invocation) => !isClean(invocation)).length;
	const copies = Math.max(0, (world.facts.copies.get(receipts[0]?.truth ?? -1) ?? 1) - 1);
	const consumer = world.consumerNamed((receipts[0] as Receipt).consumer);
	const again = copies + rereads(tries, world);
	// Who asked for deduplication is repeated nothing to that was delivered by an attempt that ended well.
	return (
		unheard +
		unclean +
		redriven(receipts, world) +
		resent(receipts, world) +
		(consumer.deduplicationHours > 0 ? shownAgain(receipts, world) : again)
	);
}

/** What a replay could not deliver is parked although the stream's was, and redriven as anything that is parked. */
function redriven(receipts: readonly Receipt[], { facts }: World): number {
	const [first] = receipts;
	const letters = [...facts.letters.values()].filter(({ live }) => !live);
	if (!letters.some(({ consumer, truth }) => consumer === first?.consumer && truth === first.truth)) return 0;
	return receipts.filter(({ invocation }) => invocation.replay !== null).length;
}

/**
 * A changed condition selects what the one before it passed over. What lies behind that and is remembered goes out again with it, so that a
 * receiver is not left with an item's older state (docs/deduplication.md).
 */
function shownAgain(receipts: readonly Receipt[], world: World): number {
	const { consumer: name, truth: id } = receipts[0] as Receipt;
	const consumer = world.consumerNamed(name);
	const { item } = world.truth(id);
	const isNewBefore = ({ truth }: Receipt): boolean => {
		const earlier = world.truth(truth);
		return truth < id && earlier.item === item && wanted(world, consumer, earlier) === "may";
	};
	const firsts = new Map(
		world.facts.receipts
			.filter(({ consumer }) => consumer === name)
			.reverse()
			.map((one) => [one.truth, one]),
	);
	const behind = new Set([...firsts.values()].filter(isNewBefore).map(({ invocation }) => invocation));
	return receipts.slice(1).filter(({ invocation }) => behind.has(invocation)).length;
}

/** A new poller reads a shard again from its checkpoint, behind which other lanes may have gone on. */
function rereads([first]: readonly InvocationFact[], { scenario, plan }: World): number {
	const consumers = plan.functions.find(({ id }) => id === first?.function)?.consumers ?? [];
	return scenario.faults.filter(
		(fault) =>
			(fault.kind === "poller" && fault.function === first?.function) ||
			(fault.kind === "change" && consumers.includes(fault.consumer)),
	).length;
}

/**
 * A function that goes on after a failure is sent what lies behind it again, in the same invocation of ours; and when it does not take
 * that, once more with the failure (ADR 3).
 */
function resent(receipts: readonly Receipt[], world: World): number {
	const { consumer, truth } = receipts[0] as Receipt;
	if (!world.consumerNamed(consumer).goesOn) return 0;
	const { eventID } = world.truth(truth);
	const invocations = new Set(receipts.map(({ invocation }) => invocation));
	const counted = [...invocations].filter(({ reports }) =>
		reports.some((one) => one.consumer === consumer && one.eventID === eventID && one.outcome === "delivered"),
	);
	return receipts.length - counted.length;
}

/** A receiver knows a repeat by its id, whatever the attempt. */
function judgeIdentity(world: World): void {
	const seen = new Map<string, string>();
	for (const { consumer, together, requestKey } of world.facts.receipts) {
		if (requestKey === null) continue;
		const known = seen.get(`${consumer} ${together}`);
		seen.set(`${consumer} ${together}`, requestKey);
		if (known !== undefined && known !== requestKey)
			world.breach(
				"I3",
				`${consumer} cannot know the repeat of r${together}: it came as ${known} and as ${requestKey}.`,
			);
	}
}
