import { describeCondition } from "../contract/describe-condition.ts";
import type { ManifestConsumer } from "../contract/manifest.ts";
import { code, details, fence, table, text } from "./markdown.ts";
import { renderPipeline, renderShared } from "./render-human.ts";
import { renderMermaid } from "./render-mermaid.ts";
import { describeProperties, isInDatabase, RESOURCE_TYPES } from "./render-resources.ts";
import type { PipelinePlan, Plan, PlannedResource } from "./types.ts";
import { count, duration } from "./words.ts";

/** Characters that a comment of GitHub may have. */
export const COMMENT_LIMIT = 65_536;

/** For the note that something is left out, and for what a workflow adds. */
const RESERVE = 1000;

/** A section, and what it opens to if there is room. */
interface Section {
	short: string;
	details: string[];
}

/**
 * A plan as a comment on a pull request: per pipeline what exists, what each consumer is promised and what to know, with the
 * whole plan behind a line that opens it. Never longer than `limit` characters: what does not fit is left out from the end,
 * details before pipelines, and the last line says so. The first line, which is not shown, is the same for every plan of an
 * environment: a workflow finds its comment by it.
 */
export function renderMarkdown(plan: Plan, limit = COMMENT_LIMIT): string {
	const title = `<!-- pipeline plan ${plan.environment} -->\n\n## Plan of ${code(plan.environment)}: ${count(plan.pipelines.length, "pipeline")}`;
	const sections = [...plan.pipelines.map((pipeline) => describePipeline(plan, pipeline)), describeShared(plan)];
	const { parts, left } = chooseParts(title, sections, limit - RESERVE);
	const note = left === 0 ? [] : [`_Left out for length: ${count(left, "part")}. ${whole(plan)} shows everything._`];
	return `${[...parts, ...note].join("\n\n")}\n`;
}

function whole({ environment }: Plan): string {
	return code(`pipeline plan --env ${environment}`);
}

/** What fits into `room` characters, and how many parts do not. All short sections go before any details. */
function chooseParts(title: string, sections: readonly Section[], room: number): { parts: string[]; left: number } {
	let free = room - title.length;
	let left = 0;
	const takes = (part: string): boolean => {
		const fits = part.length + 2 <= free;
		if (fits) free -= part.length + 2;
		else left += 1;
		return fits;
	};
	const shown = sections.filter(({ short }) => takes(short));
	return { parts: [title, ...shown.flatMap((section) => [section.short, ...section.details.filter(takes)])], left };
}

function describePipeline(plan: Plan, pipeline: PipelinePlan): Section {
	const { name, topology, owner, resources, functions, notes } = pipeline;
	const rows = [
		...listResources(resources),
		[count(functions.length, "function"), functions.map(({ id }) => code(id)).join(", "), ""],
	];
	const short = [
		`### ${code(name)}`,
		`${topology} fan-out${owner === null ? "" : `, owner ${code(owner)}`}`,
		table(["exists", "name", ""], rows),
		table(["consumer", "receives", "sends", "retries", "held by others", "loses records"], listConsumers(pipeline)),
		notes.map((note) => `- ${text(note)}`).join("\n"),
	];
	return {
		short: short.join("\n\n"),
		details: [
			details(`The whole plan of ${name}`, fence("text", renderPipeline(pipeline))),
			details(`${name} as a diagram`, fence("mermaid", renderMermaid({ ...plan, pipelines: [pipeline] }))),
		],
	};
}

/** Alarms and dashboards are many and alike: the whole plan names them. */
function listResources(resources: readonly PlannedResource[]): string[][] {
	const watching = resources.filter(({ type }) => type.startsWith("AWS::CloudWatch::"));
	const rows = resources
		.filter((resource) => !watching.includes(resource) && !isInDatabase(resource))
		.map((resource) => [
			RESOURCE_TYPES[resource.type],
			code(resource.name),
			describeProperties(resource).map(text).join("; "),
		]);
	const types = [...new Set(watching.map(({ type }) => type))];
	return [
		...rows,
		...types.map((type) => {
			const number = watching.filter((each) => each.type === type).length;
			return [count(number, RESOURCE_TYPES[type].toLowerCase()), "", ""];
		}),
	];
}

function listConsumers({ functions, guarantees, targets }: PipelinePlan): string[][] {
	const consumers = functions.flatMap(({ manifest }) => manifest.consumers);
	return guarantees.flatMap(({ consumer, maxHoldSeconds, retentionHours }) => {
		const found = consumers.find(({ name }) => name === consumer);
		const target = targets.find((each) => each.consumer === consumer)?.target ?? "";
		return found === undefined ? [] : [describeConsumer(found, target, maxHoldSeconds, retentionHours)];
	});
}

function describeConsumer(consumer: ManifestConsumer, target: string, held: number, retention: number): string[] {
	const { name, kind, condition, budgetSeconds } = consumer;
	const received = describeCondition(condition);
	return [
		`${code(name)} (${kind})`,
		received === describeCondition(null) ? received : code(received),
		code(target),
		`${duration(budgetSeconds)}, then parked`,
		held === 0 ? "never" : `${duration(held)} at most`,
		`${retention} h behind`,
	];
}

function describeShared(plan: Plan): Section {
	const what = count(plan.resources.length, "resource");
	return {
		short: `${what} shared by the environment.`,
		details: [details("What the environment shares", fence("text", renderShared(plan)))],
	};
}
