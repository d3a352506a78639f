import { describeCondition } from "../contract/describe-condition.ts";
import type { Guarantee, Mapping, PipelinePlan, Plan, PlannedFunction, PlannedResource } from "./types.ts";

/** Columns of the text: fits a terminal and a pull request. */
const WIDTH = 100;

/** What will exist, why, and what each consumer is promised, for a person. */
export function renderPlan(plan: Plan): string {
	if (plan.pipelines.length === 0) return `Environment ${plan.environment}: no pipelines.\n`;
	const sections = plan.pipelines.map(renderPipeline);
	const shared = ["Shared by the environment's pipelines", ...table(plan.resources.map(resourceRow))];
	return `Environment ${plan.environment}\n\n${[...sections, shared.join("\n")].join("\n\n")}\n`;
}

function renderPipeline(pipeline: PipelinePlan): string {
	const owner = pipeline.owner === null ? "" : `, owned by ${pipeline.owner}`;
	const title = `${pipeline.name} (${pipeline.topology}${owner})`;
	const consumers = pipeline.functions.flatMap((planned) => planned.manifest.consumers);
	return [
		title,
		"─".repeat(title.length),
		...(pipeline.description === null ? [] : [...wrap(pipeline.description, ""), ""]),
		"Resources",
		...table(pipeline.resources.map(resourceRow)),
		"",
		"Functions",
		...pipeline.functions.flatMap(renderFunction),
		"",
		"Consumers",
		...consumers.flatMap(({ name, kind, condition }) => [
			`  ${name} (${kind})`,
			...wrap(`gets ${describeCondition(condition)}`, "    "),
			...renderGuarantee(pipeline.guarantees.find(({ consumer }) => consumer === name)),
		]),
		...(pipeline.notes.length === 0
			? []
			: ["", "Notes", ...pipeline.notes.flatMap((note) => wrap(note, "  - ", "    "))]),
	].join("\n");
}

function resourceRow({ type, name, why, properties }: PlannedResource): string[] {
	return [type, name, "viewType" in properties && properties.viewType ? `${why} (${properties.viewType})` : why];
}

function renderFunction({
	id,
	name,
	why,
	source,
	filters,
	mapping,
	memoryMb,
	timeoutSeconds,
}: PlannedFunction): string[] {
	const filter = filters.length === 0 ? "no filter" : `${filters.length} filter${filters.length === 1 ? "" : "s"}`;
	return [
		`  ${id}: ${name}`,
		...wrap(why, "    "),
		...wrap(
			`reads ${source.resource} from ${describeStart(mapping)}, up to ${mapping.batchSize} records or ${mapping.maximumBatchingWindowInSeconds} s a batch, ${mapping.parallelizationFactor} at once a shard, ${filter}; ${memoryMb} MB, ${timeoutSeconds} s`,
			"    ",
		),
	];
}

function describeStart({ startingPosition, startingPositionTimestamp }: Mapping): string {
	if (startingPosition === "TRIM_HORIZON") return "its oldest record";
	return startingPositionTimestamp === "first-deployment" ? "its first deployment" : String(startingPositionTimestamp);
}

function renderGuarantee(guarantee: Guarantee | undefined): string[] {
	if (!guarantee) return [];
	const hold = guarantee.maxHoldSeconds === 0 ? "never" : `${guarantee.maxHoldSeconds} s at most`;
	return [
		...wrap(`order       ${guarantee.order}`, "    ", " ".repeat(16)),
		...wrap(`duplicates  ${guarantee.duplicates}`, "    ", " ".repeat(16)),
		...wrap(`isolation   ${guarantee.isolation}`, "    ", " ".repeat(16)),
		`    held back   ${hold}, by another consumer`,
		`    may lag     ${guarantee.retentionHours} h before records are lost`,
	];
}

/** Rows in columns, all but the last as wide as their widest cell; the last wraps below itself. */
function table(rows: readonly string[][]): string[] {
	const widths = [0, 1].map((column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
	return rows.flatMap(([first = "", second = "", last = ""]) => {
		const left = `  ${first.padEnd(widths[0] ?? 0)}  ${second.padEnd(widths[1] ?? 0)}`.trimEnd();
		return [left, ...wrap(last, "      ")];
	});
}

/** Breaks text at spaces so that it fits the width. */
function wrap(text: string, first: string, rest: string = first): string[] {
	const lines: string[] = [];
	let line = first;
	for (const word of text.split(/(?<=\S) (?=\S)/)) {
		const empty = line.trim() === "" || line === first;
		if (!empty && line.length + 1 + word.length > WIDTH) {
			lines.push(line);
			line = rest + word;
		} else line += empty ? word : ` ${word}`;
	}
	return [...lines, line];
}
