import type { PipelinePlan } from "../../plan/types.ts";
import type { Code } from "./code.ts";
import { deployFirst, planOf } from "./deployment.ts";
import type { Row } from "./expressions.ts";
import { addTo, createFacts, type Facts, type Invariant } from "./facts.ts";
import { contentName } from "./foreign.ts";
import type { FunctionHost } from "./function-host.ts";
import { createJudge, type Judge } from "./judge.ts";
import type { MappingRun } from "./mapping-run.ts";
import { createNetwork, type Network } from "./network.ts";
import { type Chance, chanceOf } from "./random.ts";
import { Remembering } from "./remembering.ts";
import type { DrawnConsumer, Fault, Scenario } from "./scenario.ts";
import { createScheduler, type Scheduler } from "./scheduler.ts";
import { createStreamModel, type StreamModel } from "./stream-model.ts";
import { createTableModel, type TableModel, type Truth, truthIDOf } from "./table-model.ts";
import { createTrace, type Trace } from "./trace.ts";

/** 2026-11-24T09:58:00Z: a run crosses an hour's end. */
const START = 1_795_514_280_000;

const TABLE_STREAM_HOURS = 24;

/** Stands for the truth of a record that nobody wrote. */
export const STRANGER = -1;

/** Everything of one run that its parts share. */
export interface World {
	scenario: Scenario;
	code: Code;
	/** Epoch milliseconds at which the run began. */
	start: number;
	scheduler: Scheduler;
	chance: Chance;
	trace: Trace;
	facts: Facts;
	judge: Judge;
	/** With all consumers, those too that join later. */
	plan: PipelinePlan;
	tableStream: StreamModel;
	fanOut: StreamModel;
	table: TableModel;
	/** The state table's rows. */
	state: Remembering<Row>;
	/** What mappings wrote to the operations bucket. */
	// biome-ignore lint/suspicious/noExplicitAny: a dump as Lambda writes it.
	dumps: any[];
	/** The truth of a member of `Records`, by its text. */
	known: Map<string, number>;
	/** The truth of a record that is none of ours, by its content's name. */
	foreign: Map<string, number>;
	/** What the judge looks up often: `<consumer> <truth>`, and by `<consumer> <item>` the latest record that was delivered. */
	index: { received: Set<string>; parked: Set<string>; latest: Map<string, number>; inLake: Set<number> };
	/** A record was judged by an invariant. */
	mark(invariant: Invariant, truth: number): void;
	breach(invariant: Invariant, text: string): void;
	network: Network;
	/** The consumers of the last deployment. */
	deployed: DrawnConsumer[];
	hosts: Map<string, FunctionHost>;
	mappings: Map<string, MappingRun>;
	truth(id: number): Truth;
	/** The truth of a stream record or stub, as JSON text. */
	truthOf(text: string): number | null;
	/** The truth of what a receiver got, whatever its content. */
	truthOfDelivery(member: unknown): number;
	/** `r<truth>` for a record's eventID. */
	nameOf(eventID: string): string;
	batchOf(records: readonly string[]): { truths: number[]; identifiers: string[] };
	/** The same of an operator's event. */
	replayOf(event: string): { truths: number[]; identifiers: string[]; replay: { id: string; consumer: string } };
	/** The truth of what a dead letter holds. */
	truthOfLetter(record: unknown): number | null;
	consumerNamed(name: string): DrawnConsumer;
	/** The consumer's receiver refuses this record for good. */
	poisons(consumer: DrawnConsumer, truth: number): boolean;
	/** Milliseconds by which the function's wall clock is off. */
	skew(functionId: string, truths: readonly number[]): number;
	/** The function may not start. */
	isThrottled(functionId: string): boolean;
	isDown(target: "operations", functionId: string, truths: readonly number[]): boolean;
	touchContainers(functionId: string, truths: readonly number[]): void;
	/** What shares a batch with a foreign record is touched by it too. */
	touchBatchMates(truths: readonly number[]): void;
}

export function createWorld(scenario: Scenario, code: Code): World {
	const scheduler = createScheduler(START);
	const facts = createFacts();
	const trace = createTrace(START);
	const plan = planOf(scenario, scenario.consumers, code);
	const streams = streamsOf(scenario, plan, scheduler);
	const known = new Map<string, number>();
	const table = createTableModel(scenario, streams.tableStream, known);
	const eventIDs = new Map<string, number>();
	const identifiersOf = new Map<string, string>();
	const idOf = (eventID: string): number | undefined => {
		for (let next = eventIDs.size; next < table.truths.length; next++)
			eventIDs.set((table.truths[next] as Truth).eventID, next);
		return eventIDs.get(eventID);
	};
	const active = <Kind extends Fault["kind"]>(kind: Kind, is: (fault: Extract<Fault, { kind: Kind }>) => boolean) =>
		scenario.faults.flatMap((fault, index) =>
			fault.kind === kind && is(fault as Extract<Fault, { kind: Kind }>) && during(fault, scheduler.now() - START)
				? [{ index, fault: fault as Extract<Fault, { kind: Kind }> }]
				: [],
		);
	const world: World = {
		scenario,
		code,
		start: START,
		scheduler,
		chance: chanceOf(scenario.seed, "world"),
		trace,
		facts,
		plan,
		...streams,
		table,
		state: new Remembering(scheduler.now),
		dumps: [],
		known,
		foreign: new Map(),
		index: { received: new Set(), parked: new Set(), latest: new Map(), inLake: new Set() },
		mark: (invariant, truth) => addTo(facts.judged, invariant, [truth]),
		breach(invariant, text) {
			trace.add(scheduler.now(), `!! ${invariant} ${text}`);
			facts.violations.push({ invariant, text });
		},
		network: createNetwork(scenario, scheduler, START, facts, trace),
		deployed: [],
		hosts: new Map(),
		mappings: new Map(),
		judge: undefined as never,
		truth: (id) => table.truths[id] as Truth,
		truthOf(text) {
			try {
				const record = JSON.parse(text);
				return truthIDOf(record) ?? idOf(record.eventID) ?? null;
			} catch {
				return null;
			}
		},
		truthOfDelivery(member) {
			const { id, _id, eventID } = member as Record<string, string | undefined>;
			const marked = truthIDOf(member);
			if (marked !== null) return marked;
			const found = [eventID, _id, id].map((name) => idOf(name ?? "")).find((truth) => truth !== undefined);
			if (found === undefined) throw new Error(`A receiver got what nobody wrote: ${JSON.stringify(member)}`);
			return found;
		},
		nameOf: (eventID) => `r${idOf(eventID) ?? `(${eventID})`}`,
		batchOf(records) {
			const identifiers = records.map((text) => {
				const identifier = identifiersOf.get(text) ?? identifierOf(text);
				identifiersOf.set(text, identifier);
				return identifier;
			});
			return { identifiers, truths: records.map((text) => known.get(text) ?? STRANGER) };
		},
		replayOf(event) {
			const { replayId: id, consumer, records } = JSON.parse(event);
			const truths: number[] = records.map((record: unknown) => world.truthOfLetter(record) ?? STRANGER);
			return { replay: { id, consumer }, truths, identifiers: truths.map((id) => table.truths[id]?.eventID ?? "") };
		},
		truthOfLetter(record) {
			// A letter whose claim check could not be read holds the stub, which may have nothing else of its record.
			const checked = facts.claimChecks.get(String((record as { claimCheck?: { key?: unknown } })?.claimCheck?.key));
			return (
				truthIDOf(record) ??
				world.foreign.get(contentName(record)) ??
				(checked === undefined ? null : world.truthOf(checked))
			);
		},
		consumerNamed(name) {
			const consumer = scenario.consumers.find((one) => one.name === name);
			if (!consumer) throw new Error(`There is no consumer ${name}.`);
			return consumer;
		},
		poisons({ name }, id) {
			const item = table.truths[id]?.item;
			const found = active("poison", ({ consumer, item: bad }) => consumer === name && bad === item);
			for (const { index } of found) addTo(facts.touched, index, [id]);
			return found.length > 0;
		},
		skew(id, truths) {
			const found = active("skew", (fault) => fault.function === id);
			for (const { index } of found) addTo(facts.touched, index, truths);
			return found.reduce((sum, { fault }) => sum + fault.by, 0);
		},
		isThrottled: (id) => active("throttle", (fault) => fault.function === id).length > 0,
		isDown(target, functionId, truths) {
			const found = active("calls", (fault) => fault.target === target && fault.how !== "slow");
			for (const { index } of found) {
				addTo(facts.touched, index, truths);
				addTo(facts.struck, index, [functionId]);
			}
			return found.length > 0;
		},
		touchContainers(id, truths) {
			for (const [index, fault] of scenario.faults.entries())
				if (fault.kind === "recycle" && fault.function === id) addTo(facts.touched, index, truths);
		},
		touchBatchMates(truths) {
			for (const [index, fault] of scenario.faults.entries())
				if (fault.kind === "foreign" && truths.some((id) => facts.touched.get(index)?.has(id)))
					addTo(facts.touched, index, truths);
		},
	};
	world.judge = createJudge(world);
	deployFirst(world);
	return world;
}

function during(fault: Fault, time: number): boolean {
	if (fault.kind === "poison") return fault.until === null || time < fault.until;
	return "from" in fault ? time >= fault.from && time < fault.to : true;
}

function identifierOf(text: string): string {
	const { kinesis, dynamodb } = JSON.parse(text);
	return kinesis?.sequenceNumber ?? dynamodb?.SequenceNumber ?? "";
}

function streamsOf(
	{ seed, tableShards, fanOutShards, digitsChangeAfter }: Scenario,
	plan: PipelinePlan,
	clock: Scheduler,
) {
	const gap = 10n ** 19n;
	const table = plan.functions.find(({ source }) => source.type === "dynamodb")?.manifest.table.name;
	const tableStream = createStreamModel({
		arn: `arn:aws:dynamodb:eu-west-1:123456789012:table/${table}/stream/2026-11-24T00:00:00.000`,
		shards: tableShards,
		clock,
		chance: chanceOf(seed, "table stream"),
		first: 10n ** 21n - (gap / 2n) * BigInt(digitsChangeAfter),
		gap,
		retentionHours: TABLE_STREAM_HOURS,
	});
	const fanOut = createStreamModel({
		arn: "arn:aws:kinesis:eu-west-1:123456789012:stream/orders",
		shards: fanOutShards,
		clock,
		chance: chanceOf(seed, "fan-out"),
		first: 49n * 10n ** 54n,
		gap: 10n ** 30n,
		retentionHours: 168,
	});
	return { tableStream, fanOut };
}
