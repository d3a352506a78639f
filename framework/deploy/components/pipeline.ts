import type { Dashboard } from "@pulumi/aws/cloudwatch/dashboard.js";
import type { CatalogDatabase } from "@pulumi/aws/glue/catalogDatabase.js";
import type { Stream } from "@pulumi/aws/kinesis/stream.js";
import type { StreamConsumer } from "@pulumi/aws/kinesis/streamConsumer.js";
import type { Input } from "@pulumi/pulumi";
import { lakePrefix } from "../../contract/places.ts";
import type { Statement } from "../../contract/statement.ts";
import type { PipelinePlan, PlannedFunction, PlannedResource, TableProperties } from "../../plan/types.ts";
import { Component, type Deployment } from "../component.ts";
import { makeDatabase, makeLakeTable, makeNamedQuery } from "../resources/athena.ts";
import { makeSchedule } from "../resources/schedule.ts";
import { makeStream, makeStreamConsumer } from "../resources/stream.ts";
import { makeTable } from "../resources/table.ts";
import { makeAlarm, makeDashboard } from "../resources/watch.ts";
import type { Environment } from "./environment.ts";
import { type FunctionSource, PipelineFunction, type Surroundings } from "./function.ts";

/** A table whose stream is read, owned or adopted. */
interface TableSource {
	name: Input<string>;
	arn: Input<string>;
	streamArn: Input<string>;
	/** Changes when the stream becomes another one. */
	version: Input<string>;
	/** False for an adopted one, whose stream may change without us: its readers must be able to follow. */
	owned: boolean;
}

/** One pipeline: its table, its fan-out, its functions, and what watches them. */
export class Pipeline extends Component {
	private readonly plan: PipelinePlan;
	private readonly environment: Environment;
	private readonly tables = new Map<string, TableSource>();
	private readonly streams = new Map<string, Stream>();
	private readonly consumers = new Map<string, StreamConsumer>();
	private readonly functions = new Map<string, PipelineFunction>();
	/** By physical name. */
	private readonly databases = new Map<string, CatalogDatabase>();
	private readonly dashboards: Dashboard[] = [];

	constructor(deployment: Deployment, environment: Environment, plan: PipelinePlan) {
		super("tributary:index:Pipeline", { deployment, label: plan.name, pipeline: plan.name, tags: plan.tags });
		this.plan = plan;
		this.environment = environment;
		for (const resource of plan.resources.filter((each) => !needsFunctions(each))) this.add(resource);
		for (const planned of plan.functions) this.addFunction(planned);
		// What is watched, or invoked, comes first: a mapping's metrics are named by the id that it is given when it is made.
		for (const resource of plan.resources.filter(needsFunctions)) this.add(resource);
		this.registerOutputs(this.outputs);
	}

	/** What producers and readers of this pipeline need to know. */
	get outputs() {
		const [table] = this.tables.values();
		const [stream] = this.streams.values();
		const lake = this.plan.functions.find(({ manifest }) => manifest.lake !== null)?.manifest.lake;
		return {
			table: table && { name: table.name, arn: table.arn, streamArn: table.streamArn },
			stream: stream ? { name: stream.name, arn: stream.arn } : null,
			lake: lake ? { bucket: lake.bucket, prefix: lakePrefix(this.plan.name) } : null,
			database: [...this.databases.keys()][0] ?? null,
			functions: Object.fromEntries(this.plan.functions.map(({ id, name }) => [id, name])),
			dashboard: this.dashboards[0]?.dashboardName ?? null,
		};
	}

	private add({ id, name, why, ...resource }: PlannedResource): void {
		switch (resource.type) {
			case "AWS::DynamoDB::Table":
				this.tables.set(id, this.makeSource(id, name, resource.properties));
				return;
			case "AWS::Kinesis::Stream":
				this.streams.set(id, makeStream(this, id, name, resource.properties));
				return;
			case "AWS::Kinesis::StreamConsumer": {
				const stream = known(this.streams, resource.properties.stream);
				this.consumers.set(id, makeStreamConsumer(this, { id, name }, stream, [...this.consumers.values()]));
				return;
			}
			case "AWS::Scheduler::Schedule":
				makeSchedule(
					this,
					{ id, name, why },
					resource.properties,
					known(this.functions, resource.properties.function).lambda,
				);
				return;
			case "AWS::CloudWatch::Alarm":
				makeAlarm(this, { id, name }, resource.properties, (of) => known(this.functions, of).mapping.uuid);
				return;
			case "AWS::CloudWatch::Dashboard":
				this.dashboards.push(makeDashboard(this, id, name, resource.properties));
				return;
			case "AWS::Glue::Database":
				this.databases.set(name, makeDatabase(this, { id, name, why }));
				return;
			case "AWS::Glue::Table":
				makeLakeTable(
					this,
					{ id, name, why },
					known(this.databases, resource.properties.database),
					resource.properties,
				);
				return;
			case "AWS::Athena::NamedQuery": {
				const { database, workGroup, query } = resource.properties;
				const group = known(this.environment.workGroups, workGroup);
				makeNamedQuery(this, { id, name, why }, known(this.databases, database), group, query);
				return;
			}
			default:
				throw new Error(`a pipeline has no ${resource.type} of its own`);
		}
	}

	private makeSource(id: string, name: string, properties: TableProperties): TableSource {
		if (!properties.existing) {
			const table = makeTable(this, id, name, properties);
			const { arn, streamArn, streamViewType } = table;
			return { name: table.name, arn, streamArn, version: streamViewType, owned: true };
		}
		const { arn, streamArn } = known(this.settings.tables, name);
		return { name, arn, streamArn, version: streamArn, owned: false };
	}

	private addFunction(planned: PlannedFunction): void {
		const place = { ...this.place, label: `${this.plan.name}--${planned.id}`, parent: this };
		const statements = [...planned.statements, ...this.decryptAdopted(planned)];
		const made = new PipelineFunction(place, { ...planned, statements }, this.surroundings(planned));
		this.functions.set(planned.id, made);
	}

	/** The key of somebody else's table is known only once the table was found. */
	private decryptAdopted({ source, manifest }: PlannedFunction): Statement[] {
		const key = source.type === "dynamodb" ? this.settings.tables.get(manifest.table.name)?.kmsKeyArn : null;
		if (!key) return [];
		const why = "The table's key encrypts its stream; readers decrypt it.";
		return [{ sid: "DecryptAdoptedTable", actions: ["kms:Decrypt"], resources: [key], conditions: {}, why }];
	}

	private surroundings({ source }: PlannedFunction): Surroundings {
		return {
			arnOf: (resource) => this.arnOf(resource),
			source: this.sourceOf(source),
			bucketArn: (name) => known(this.environment.buckets, name).bucket.arn,
			readyFirst: [...this.environment.ready, ...this.streams.values()],
		};
	}

	private sourceOf({ type, resource }: PlannedFunction["source"]): FunctionSource {
		if (type === "kinesis") return { arn: this.arnOf(resource), irreplaceable: false };
		const { streamArn, version, owned } = known(this.tables, resource);
		return { arn: streamArn, version, irreplaceable: owned };
	}

	private arnOf(resource: string): Input<string> {
		return (this.consumers.get(resource) ?? known(this.streams, resource)).arn;
	}
}

const needsFunctions = ({ type }: PlannedResource): boolean =>
	type === "AWS::Scheduler::Schedule" || type === "AWS::CloudWatch::Alarm" || type === "AWS::CloudWatch::Dashboard";

/** A plan names only what it has. */
function known<T>(things: ReadonlyMap<string, T>, name: string): T {
	const thing = things.get(name);
	if (thing === undefined) throw new Error(`the plan names ${name} and does not have it`);
	return thing;
}
