import type { Checkpoint } from "../../../local/mapping/checkpoints.ts";
import { accountedFor, lettersBefore, wanted } from "../expectation.ts";
import type { InvocationFact, Letter } from "../facts.ts";
import type { DrawnConsumer, Fault } from "../scenario.ts";
import { isAfter, type StreamModel } from "../stream-model.ts";
import { malformed, type Truth } from "../table-model.ts";
import type { World } from "../world.ts";

/** I1: a checkpoint passes only what is delivered, parked or not wanted. */
export function judgePassed(
	world: World,
	functionId: string,
	stream: StreamModel,
	shardId: string,
	before: Checkpoint | undefined,
	now: Checkpoint,
): void {
	const shard = stream.all.find(({ id }) => id === shardId);
	const passed = (shard?.log ?? []).filter(
		({ sequenceNumber }) => isBehind(sequenceNumber, now) && !(before && isBehind(sequenceNumber, before)),
	);
	for (const { json } of passed) {
		const id = world.known.get(json);
		if (id === undefined) continue;
		world.mark("I1", id);
		if (accountedFor(world, functionId, id)) continue;
		world.breach("I1", `The checkpoint of ${functionId} passed r${id}, which is neither delivered nor parked.`);
	}
}

function isBehind(sequenceNumber: string, checkpoint: Checkpoint): boolean {
	if (checkpoint.type === "CLOSED") return true;
	return checkpoint.type === "AFTER_SEQUENCE_NUMBER" && !isAfter(sequenceNumber, checkpoint.sequenceNumber);
}

/** I1: in the end nothing is missing, nobody got what was not for them, and each letter has a true cause. */
export function judgeLoss(world: World): void {
	const { facts, plan, scenario } = world;
	const routerLost = (id: number): boolean =>
		scenario.topology === "kinesis" &&
		!facts.copies.has(id) &&
		Boolean(facts.dumped.get("router")?.has(id) || facts.dropped.get("router")?.has(id));
	for (const { id } of world.table.truths)
		for (const planned of plan.functions) {
			if (planned.role === "consumer" && routerLost(id)) continue;
			world.mark("I1", id);
			if (!accountedFor(world, planned.id, id)) world.breach("I1", `${planned.id} lost r${id}.`);
		}
	for (const letter of facts.letters.values()) judgeLetter(world, letter);
}

/** I1, as an operator takes a letter away: its record was delivered, or was for nobody. */
export function judgeUnparked(world: World, { consumer: name, truth: id, live }: Letter): void {
	if (id === null || !live) return;
	world.mark("I1", id);
	const isOwed = wanted(world, world.consumerNamed(name), world.truth(id)) === "must";
	if (isOwed && !world.index.received.has(`${name} ${id}`))
		world.breach("I1", `The letter of r${id} at ${name} is gone, but the record was never delivered.`);
}

function judgeLetter(world: World, { consumer: name, truth: id, reason, at, live }: Letter): void {
	if (id === null) {
		world.breach("I1", `A dead letter of ${name} does not hold its record: ${reason}`);
		return;
	}
	const truth = world.truth(id);
	const consumer = world.consumerNamed(name);
	const unread = isTouched(world, id, (fault) => "target" in fault && fault.target === "operations");
	// Of a record whose claim check cannot be read nobody can say whether it is wanted.
	if (wanted(world, consumer, truth) === "never" && !unread)
		world.breach("I1", `r${id} was parked at ${name}, which never wanted it.`);
	const caused =
		malformed(truth) ||
		consumer.failsForever ||
		lettersBefore(world, name, truth).length > 0 ||
		isUnnumbered(world, name, truth) ||
		isBehindUnread(world, truth) ||
		isChanged(world, name) ||
		isTouched(world, id, (fault) => concerns(fault, name)) ||
		isDown(world, consumer, at);
	if (!caused) world.breach("I1", `r${id} was parked at ${name} although nothing was wrong: ${reason}`);
	else if (live && isHasty(world, consumer, truth, at))
		world.breach("I1", `r${id} was parked at ${name} before its budget was used up: ${reason}`);
}

/** A claim check that could not be read put its item in quarantine; read before its letter was stored, it may turn out to be for nobody. */
function isBehindUnread(world: World, { id, item }: Truth): boolean {
	const isOperations = (fault: Fault): boolean => "target" in fault && fault.target === "operations";
	return world.table.truths.some(
		(earlier) =>
			earlier.id < id &&
			earlier.item === item &&
			earlier.shape === "large" &&
			isTouched(world, earlier.id, isOperations),
	);
}

/** What has no sequence number cannot be remembered as done, and comes again when its item is in quarantine for a later record. */
function isUnnumbered({ facts, truth }: World, consumer: string, { shape, item, id }: Truth): boolean {
	if (shape !== "no-sequence") return false;
	const others = [...facts.letters.values()].filter((letter) => letter.consumer === consumer && letter.truth !== id);
	return others.some((letter) => letter.truth !== null && truth(letter.truth).item === item);
}

/** Whether a consumer that shares its function had failed for its whole budget: then its records are parked without an attempt of their own. */
function isDown({ facts, scenario, plan }: World, consumer: DrawnConsumer, at: number): boolean {
	const serving = plan.functions.find(({ consumers }) => consumers.includes(consumer.name));
	if (!serving || serving.consumers.length === 1) return false;
	const attempts = facts.invocations.filter((one) => one.function === serving.id && one.replay === null);
	// The reports say when, but not that there was a reason.
	if (!scenario.faults.some((fault, index) => concerns(fault, consumer.name) && facts.touched.has(index))) return false;
	const misled = scenario.faults.some(({ kind }) => kind === "skew");
	return misled || at - failingSince(attempts, consumer, at) >= consumer.budgetSeconds * 1000;
}

/** A new condition may filter out what is in quarantine before its letter is stored; what comes later is parked behind it all the same. */
function isChanged({ scenario }: World, consumer: string): boolean {
	return scenario.faults.some((fault) => fault.kind === "change" && fault.consumer === consumer);
}

/** Whether a record was given up that was neither bad nor behind another, earlier than its budget allows. */
function isHasty(world: World, consumer: DrawnConsumer, truth: Truth, at: number): boolean {
	const { facts, scenario, plan } = world;
	const bad = malformed(truth) || scenario.faults.some((fault) => isPoison(fault, consumer.name, truth.item));
	const behind =
		lettersBefore(world, consumer.name, truth).length > 0 ||
		isUnnumbered(world, consumer.name, truth) ||
		isBehindUnread(world, truth);
	const misled = isChanged(world, consumer.name) || scenario.faults.some(({ kind }) => kind === "skew");
	if (bad || behind || misled) return false;
	const serving = plan.functions.find(({ consumers }) => consumers.includes(consumer.name));
	const attempts = facts.invocations.filter((one) => one.function === serving?.id && one.replay === null);
	const tried = attempts.find(({ truths }) => truths.includes(truth.id));
	if (!tried) return false;
	const since = serving && serving.consumers.length > 1 ? failingSince(attempts, consumer, at) : at;
	return at - Math.min(tried.startedAt, since) < consumer.budgetSeconds * 1000;
}

/**
 * When the time began in which a consumer that shares its function failed again and again, no further apart than its budget. Of two
 * invocations at once the one that failed is heard.
 */
function failingSince(attempts: readonly InvocationFact[], consumer: DrawnConsumer, at: number): number {
	const failures = attempts.filter((attempt) => hasFailed(attempt, consumer));
	let since = at;
	const endOf = ({ startedAt, endedAt }: InvocationFact): number => endedAt ?? startedAt;
	for (const attempt of attempts.toSorted((one, other) => endOf(other) - endOf(one))) {
		const { startedAt, reports } = attempt;
		const failed = failures.includes(attempt);
		const took = reports.some((one) => one.consumer === consumer.name && one.outcome === "delivered");
		if (startedAt > at || (!failed && !took)) continue;
		if (!failed && !failures.some((other) => overlap(attempt, other))) break;
		if (!failed) continue;
		if (since - endOf(attempt) > consumer.budgetSeconds * 1000) break;
		since = Math.min(since, startedAt);
	}
	return since;
}

/** Whether there was a record that an invocation could not deliver, whoever's fault it was. */
function hasFailed({ reports }: InvocationFact, { name }: DrawnConsumer): boolean {
	return reports.some(
		({ consumer, outcome, refused }) =>
			consumer === name && (outcome === "retry" || (outcome === "reject" && !refused)),
	);
}

function overlap(one: InvocationFact, other: InvocationFact): boolean {
	return one.startedAt <= (other.endedAt ?? Infinity) && other.startedAt <= (one.endedAt ?? Infinity);
}

const isPoison = (fault: Fault, consumer: string, item: number): boolean =>
	fault.kind === "poison" && fault.consumer === consumer && fault.item === item;

function isTouched({ scenario, facts }: World, id: number, is: (fault: Fault) => boolean): boolean {
	return scenario.faults.some((fault, index) => is(fault) && facts.touched.get(index)?.has(id));
}

/** Whether a fault can be why a consumer does not take a record. */
function concerns(fault: Fault, consumer: string): boolean {
	if (fault.kind === "calls") return fault.target === `receiver:${consumer}` || !fault.target.startsWith("receiver:");
	return fault.kind !== "poison" || fault.consumer === consumer;
}
