import { describeCondition } from "../contract/describe-condition.ts";
import { RESOURCE_TYPES } from "./render-resources.ts";
import type { PipelinePlan, Plan, PlannedFunction, PlannedResource } from "./types.ts";

/** Letters of a condition on an arrow; the plan has the whole. */
const LONGEST_LABEL = 80;

/** A plan as a Mermaid flowchart, a subgraph for each pipeline: how a change travels from a producer to each consumer. */
export function renderMermaid(plan: Plan): string {
	const shared = plan.resources.filter(({ type }) => type === "AWS::S3::Bucket");
	const used = shared.filter(({ name }) => plan.pipelines.some((pipeline) => bucketsOf(pipeline).includes(name)));
	const buckets = new Map(used.map(({ name }, index) => [name, `bucket${index + 1}`]));
	const lines = [
		...plan.pipelines.flatMap((pipeline, index) => drawPipeline(pipeline, `p${index + 1}`, buckets)),
		...used.map(
			(resource) => `${buckets.get(resource.name)}[(${label(RESOURCE_TYPES[resource.type], resource.name)})]`,
		),
	];
	return `flowchart LR\n${lines.map((line) => `  ${line}\n`).join("")}`;
}

function bucketsOf({ functions }: PipelinePlan): string[] {
	return functions.flatMap(({ manifest }) => [manifest.lake?.bucket ?? "", manifest.operations.bucket]);
}

/** Ids are numbers, so that no name can be taken for syntax. */
function drawPipeline(pipeline: PipelinePlan, id: string, buckets: ReadonlyMap<string, string>): string[] {
	const resources = pipeline.resources.filter(({ type }) => SHAPES[type] !== undefined);
	const places = new Map(resources.map((resource, index) => [resource.id, `${id}r${index + 1}`]));
	const functions = pipeline.functions.map((planned, index) => ({ planned, node: `${id}f${index + 1}` }));
	const targets = new Map(pipeline.targets.map(({ consumer }, index) => [consumer, `${id}t${index + 1}`]));
	const inside = [
		...resources.map((resource) => `${places.get(resource.id)}${drawResource(resource)}`),
		...functions.map(({ planned, node }) => `${node}[${label("Function", planned.id)}]`),
	];
	return [
		`subgraph ${id}[${label("Pipeline", pipeline.name)}]`,
		...inside.map((line) => `  ${line}`),
		"end",
		`${id}in([${label("Producers")}]) --> ${places.get("table")}`,
		...resources.flatMap((resource) => drawReader(resource, places)),
		...pipeline.targets.map(({ consumer, target }) => `${targets.get(consumer)}([${label(consumer, target)}])`),
		...functions.flatMap(({ planned, node }) => drawFlow(planned, node, { places, targets, buckets })),
	];
}

const SHAPES: Partial<Record<PlannedResource["type"], [open: string, close: string]>> = {
	"AWS::DynamoDB::Table": ["[(", ")]"],
	"AWS::Kinesis::Stream": ["[[", "]]"],
	"AWS::Kinesis::StreamConsumer": ["[", "]"],
};

function drawResource({ type, name }: PlannedResource): string {
	const [open, close] = SHAPES[type] ?? ["[", "]"];
	return `${open}${label(RESOURCE_TYPES[type], name)}${close}`;
}

/** An enhanced fan-out consumer stands between its stream and its function. */
function drawReader(resource: PlannedResource, places: ReadonlyMap<string, string>): string[] {
	if (resource.type !== "AWS::Kinesis::StreamConsumer") return [];
	return [`${places.get(resource.properties.stream)} --> ${places.get(resource.id)}`];
}

interface Nodes {
	/** By resource id. */
	places: ReadonlyMap<string, string>;
	/** By consumer. */
	targets: ReadonlyMap<string, string>;
	/** By name. */
	buckets: ReadonlyMap<string, string>;
}

function drawFlow({ source, manifest }: PlannedFunction, node: string, { places, targets, buckets }: Nodes): string[] {
	const operations = buckets.get(manifest.operations.bucket);
	return [
		`${places.get(source.resource)} --> ${node}`,
		...(manifest.lake ? [`${node} --> ${buckets.get(manifest.lake.bucket)}`] : []),
		...(manifest.forward ? [`${node} --> ${places.get("fan-out")}`] : []),
		...manifest.consumers.map(
			({ name, condition }) => `${node} -->|${label(shorten(describeCondition(condition)))}| ${targets.get(name)}`,
		),
		...(manifest.consumers.length > 0 ? [`${node} -.->|${label("dead letters")}| ${operations}`] : []),
	];
}

function shorten(text: string): string {
	const letters = [...text];
	return letters.length <= LONGEST_LABEL ? text : `${letters.slice(0, LONGEST_LABEL - 1).join("")}…`;
}

/** Lines of text as a quoted label. What Mermaid could take for a quote, an entity, a tag, Markdown, a formula or a directive becomes an entity. */
function label(...lines: readonly string[]): string {
	const quote = (text: string) =>
		text.replace(/\s+/g, " ").replace(/["#&<>`%;\\*_]|\$(?=\$)/g, (sign) => `#${sign.codePointAt(0)};`);
	return `"${lines.map(quote).join("<br/>")}"`;
}
