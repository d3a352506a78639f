import { describeCondition } from "../contract/describe-condition.ts";
import type { ManifestConsumer } from "../contract/manifest.ts";
import { grid, heading, list, paragraph } from "./layout.ts";
import { listAlarms } from "./render-alarms.ts";
import { listPermissions } from "./render-permissions.ts";
import { listResources } from "./render-resources.ts";
import type { Mapping, PipelinePlan, Plan, PlannedFunction, PlannedResource } from "./types.ts";
import { count, duration } from "./words.ts";

/** A plan as people read it: what will exist and why, and for each consumer what it gets, is promised, and its limits. */
export function renderHuman(plan: Plan): string {
	const title = `Environment ${plan.environment}: ${count(plan.pipelines.length, "pipeline")}\n`;
	return [title, ...plan.pipelines.map(renderPipeline), renderShared(plan)].join("\n");
}

/** What the pipelines of an environment have in common. */
export function renderShared({ resources }: Plan): string {
	return join([[...heading("Shared by the environment"), ...listResources(resources)]]);
}

/** One pipeline's part. */
export function renderPipeline(pipeline: PipelinePlan): string {
	return join(describePipeline(pipeline));
}

function join(sections: readonly (readonly string[])[]): string {
	return `${sections.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

function describePipeline(pipeline: PipelinePlan): string[][] {
	const { name, topology, owner, description, tags } = pipeline;
	const facts = [
		`${topology} fan-out`,
		...(owner === null ? [] : [`owner ${owner}`]),
		...Object.entries(tags).map(([key, value]) => `${key}=${value}`),
	];
	return [
		[...heading(name), ...paragraph(facts.join(", "), ""), ...(description === null ? [] : paragraph(description, ""))],
		["What will exist", ...listResources(pipeline.resources)],
		["Functions", ...listFunctions(pipeline)],
		["Permissions", ...listPermissions(pipeline.functions)],
		...listAlarms(pipeline),
		...pipeline.functions.flatMap((planned) =>
			planned.manifest.consumers.map((consumer) => renderConsumer(pipeline, planned, consumer)),
		),
		["To know", ...[...pipeline.notes, PROMISES].flatMap((note) => paragraph(note, "  - "))],
	];
}

const PROMISES = "What the promises mean, and what shows when one is at stake: docs/guarantees.md.";

const COLUMNS = ["", "batch", "window", "parallel", "memory", "timeout"];

/** Longer ids stand on a line of their own. */
const WIDEST_ID = 30;

function listFunctions({ functions, resources }: PipelinePlan): string[] {
	const rows = functions.map(({ id, mapping, memoryMb, timeoutSeconds }) => [
		id,
		`${mapping.batchSize}`,
		`${mapping.maximumBatchingWindowInSeconds} s`,
		`${mapping.parallelizationFactor}`,
		`${memoryMb} MB`,
		`${timeoutSeconds} s`,
	]);
	const width = Math.min(WIDEST_ID, Math.max(0, ...functions.map(({ id }) => id.length)));
	return [
		...grid(COLUMNS, rows, "  "),
		"",
		...functions.flatMap(({ id, name, why, source, mapping }) => {
			const from = resources.find((resource) => resource.id === source.resource);
			const title = id.length > width ? [`  ${id}`] : [];
			const first = title.length > 0 ? " ".repeat(width + 4) : `  ${id.padEnd(width)}  `;
			const lines = [name, `Reads ${describeSource(from)} from ${describeStart(mapping)}. ${why}`];
			return [
				...title,
				...lines.flatMap((line, index) => paragraph(line, index === 0 ? first : " ".repeat(width + 4))),
			];
		}),
	];
}

function describeSource(resource: PlannedResource | undefined): string {
	if (resource?.type === "AWS::DynamoDB::Table") return "the table's stream";
	return resource?.type === "AWS::Kinesis::StreamConsumer" ? "Kinesis by enhanced fan-out" : "Kinesis";
}

function describeStart({ startingPosition, startingPositionTimestamp }: Mapping): string {
	if (startingPosition === "TRIM_HORIZON") return "the oldest record kept";
	return startingPositionTimestamp === "first-deployment"
		? "its first deployment on"
		: `${startingPositionTimestamp} on`;
}

function renderConsumer(pipeline: PipelinePlan, planned: PlannedFunction, consumer: ManifestConsumer): string[] {
	const guarantee = pipeline.guarantees.find((each) => each.consumer === consumer.name);
	const target = pipeline.targets.find((each) => each.consumer === consumer.name)?.target ?? "";
	if (!guarantee) throw new Error(`the plan of ${pipeline.name} promises ${consumer.name} nothing`);
	const rows: [string, string][] = [
		["sends", target],
		["receives", describeCondition(consumer.condition)],
		...describeFilters(pipeline.name, planned.filters),
		["order", guarantee.order],
		["repeats", guarantee.duplicates],
		["isolation", guarantee.isolation],
		["retries", `${duration(consumer.budgetSeconds)} for an item, then it is parked as a dead letter.`],
		["parked", guarantee.deadLetters],
		[
			"limits",
			`Held by others ${duration(guarantee.maxHoldSeconds)} at most; loses records ${guarantee.retentionHours} h behind.`,
		],
	];
	return [`Consumer ${consumer.name} (${consumer.kind})`, ...list(rows, "  ")];
}

/** The patterns are for Lambda; people read the condition. */
function describeFilters(pipeline: string, filters: readonly object[]): [string, string][] {
	if (filters.length === 0) return [];
	const saving = `${count(filters.length, "pattern")} before the function: fewer invocations, the same records.`;
	return [["filter", `${saving} See \`pipeline explain ${pipeline}\`.`]];
}
