import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { AnyDeliverer } from "../../contract/deliver.ts";
import { describeCondition } from "../../contract/describe-condition.ts";
import type { ManifestConsumer } from "../../contract/manifest.ts";
import { compileFilters } from "../../plan/filters.ts";
import type { PipelinePlan, PlannedFunction } from "../../plan/types.ts";
import { type Arrival, decodeEvent } from "../../runtime/arrival.ts";
import { compileEventPattern } from "../../runtime/event-pattern.ts";
import { imagesFor, selectArrivals } from "../../runtime/selection.ts";
import { type Arguments, type Command, type ExitCode, type Io, UsageError } from "../command.ts";
import { loadPlan } from "../project.ts";

interface Explanation {
	consumer: string;
	function: string;
	/** Patterns of the function's mapping, ORed; empty = everything. */
	filters: object[];
	/** What the filters leave to the function. */
	notes: string[];
	condition: string;
	/** Null without an event. */
	records: ExplainedRecord[] | null;
}

interface ExplainedRecord {
	eventID: string;
	/** Null when the record itself is not in the event: a claim check stands for it. */
	selected: boolean | null;
	/** It cannot be read, so that it becomes a dead letter, whatever the condition. */
	parked: boolean;
	/** Why it is not selected, or parked. */
	reason: string | null;
	/** Whether the mapping hands it to the function. */
	passesFilter: boolean;
}

/** `pipeline explain`: what each consumer is sent, and why not more. */
export const explain: Command = {
	name: "explain",
	summary: "Show each consumer's filter and condition, and what they make of an event",
	positionals: "<pipeline>",
	arity: [1, 1],
	options: {
		event: { type: "string", value: "FILE", help: "A Lambda event of DynamoDB Streams or Kinesis, as JSON" },
		env: { type: "string", value: "E", default: "local", help: "Environment (default: local)" },
		format: { type: "string", value: "FORMAT", choices: ["human", "json"], default: "human", help: "human or json" },
	},
	examples: ["pipeline explain user-actions", "pipeline explain user-actions --event event.json --format json"],
	run: runExplain,
};

async function runExplain(args: Arguments, io: Io): Promise<ExitCode> {
	const [name = ""] = args.positionals;
	const path = args.option("event");
	const given = path === undefined ? null : await readEvent(resolve(io.cwd, path));
	const plan = await loadPlan(io, { env: args.option("env") ?? "local", names: [name] });
	if (plan === null) return 1;
	const explanations = plan.pipelines.flatMap((pipeline) => explainPipeline(pipeline, given));
	if (args.option("format") === "json")
		io.stdout(
			`${JSON.stringify({ environment: plan.environment, pipeline: name, consumers: explanations }, null, 2)}\n`,
		);
	else io.stdout(explanations.map(render).join("\n"));
	return 0;
}

/** An event, and the kinds, which know what they look into. They are loaded only here. */
interface Given {
	arrivals: Arrival[];
	deliverers: Readonly<Record<string, AnyDeliverer>>;
}

async function readEvent(path: string): Promise<Given> {
	try {
		const arrivals = decodeEvent(JSON.parse(readFileSync(path, "utf8")));
		const { deliverers } = await import("../../../consumers/deliverers.ts");
		return { arrivals, deliverers };
	} catch (error) {
		throw new UsageError(`${path} cannot be used as an event: ${(error as Error).message}`);
	}
}

function explainPipeline(pipeline: PipelinePlan, given: Given | null): Explanation[] {
	return pipeline.functions.flatMap((planned) =>
		planned.manifest.consumers.map((consumer) => explainConsumer(planned, consumer, given)),
	);
}

function explainConsumer(planned: PlannedFunction, consumer: ManifestConsumer, given: Given | null): Explanation {
	const routed = planned.manifest.role === "router" && consumer.condition !== null;
	return {
		consumer: consumer.name,
		function: planned.id,
		filters: planned.filters,
		notes: routed
			? ["The router serves every consumer, so its mapping has no filter: the function tests the condition."]
			: compileFilters(consumer.condition, planned.source.type).notes,
		condition: describeCondition(consumer.condition),
		records: given && explainRecords(planned, consumer, given),
	};
}

/** Asks what the mapping asks, then what the function asks, so that the answer is theirs. */
function explainRecords(
	{ filters, source }: PlannedFunction,
	consumer: ManifestConsumer,
	{ arrivals, deliverers }: Given,
): ExplainedRecord[] {
	const patterns = filters.map(compileEventPattern);
	const wrap = (json: unknown) => (source.type === "kinesis" ? { data: json } : json);
	const images = imagesFor(consumer, deliverers);
	return arrivals.map((arrival) => {
		const { eventID, json } = arrival;
		const passesFilter = patterns.length === 0 || patterns.some((matches) => matches(wrap(json)));
		const seen = { eventID, passesFilter, parked: false };
		if (isClaimCheck(json))
			return { ...seen, selected: null, reason: "The record is claim-checked: fetch it to know." };
		let reason: string | null = null;
		const skipped = (_consumer: string, _eventID: string, why: () => string): void => {
			reason = why();
		};
		if (selectArrivals(consumer, [arrival], { skipped }).length === 0) return { ...seen, selected: false, reason };
		const state = arrival.state(images);
		if (state.status === "ready") return { ...seen, selected: true, reason };
		return { ...seen, selected: false, parked: passesFilter, reason: state.reason };
	});
}

function isClaimCheck(json: unknown): boolean {
	return typeof json === "object" && json !== null && "claimCheck" in json;
}

function render({ consumer, condition, filters, notes, records }: Explanation): string {
	const lines = [
		consumer,
		`  selects  ${condition}`,
		...(filters.length === 0
			? ["  filter   none: the mapping passes every record"]
			: filters.map((filter, index) => `  ${index === 0 ? "filter  " : "or      "} ${JSON.stringify(filter)}`)),
		...notes.map((note) => `  note     ${note}`),
		...(records ?? []).map(renderRecord),
	];
	return `${lines.join("\n")}\n`;
}

function renderRecord({ eventID, selected, parked, reason, passesFilter }: ExplainedRecord): string {
	const word = parked ? "parked" : selected === null ? "unknown" : selected ? "selected" : "not selected";
	const verdict = word.padEnd("not selected".length);
	const filter = passesFilter ? "passes the filter" : "stopped by the filter";
	return `  ${eventID}  ${verdict}  ${filter}${reason === null ? "" : `  ${reason}`}`;
}
