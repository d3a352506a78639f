import { resolve } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { type Bindings, bind, bindManifest } from "../contract/manifest.ts";
import { lakePrefix } from "../contract/places.ts";
import type { PipelinePlan, Plan, PlannedFunction, PlannedResource } from "../plan/types.ts";
import { type Clock, systemClock } from "./clock.ts";
import { announceEndpoint, openDataDir } from "./data-dir.ts";
import { watchIdleness } from "./idleness.ts";
import { type Clients, provision, type StreamArns } from "./provision.ts";
import {
	type DeliveryReport,
	type FunctionSurroundings,
	type RunningFunction,
	runFunction,
	type Tamper,
} from "./run-function.ts";
import { type ServiceFiles, type Services, startServices, takePort } from "./services.ts";

export type { DeliveryReport, Tamper } from "./run-function.ts";

export interface EngineOptions {
	plan: Plan;
	/** Where the code of the runtime and of the kinds lies. */
	projectRoot: string;
	/** 0 = a free one. */
	port: number;
	dataDir: string;
	/** Empty the data folder first. */
	fresh?: boolean;
	clock?: Clock;
	/** Ends every wait for idleness. */
	signal?: AbortSignal;
	onDelivery?: (report: DeliveryReport) => void;
	/** Told what the user should know and nothing fails of: a stream that was deleted under its reader. */
	onWarning?: (text: string) => void;
	tamper?: Tamper;
}

export interface EnginePipeline {
	name: string;
	table: string;
	streamArn: string;
	/** null without a lake. */
	lakeBucket: string | null;
	lakePrefix: string | null;
}

export interface Engine {
	/** Base URL of every service: what AWS_ENDPOINT_URL is set to. */
	endpoint: string;
	endpoints: { dynamodb: string; kinesis: string; s3: string };
	files: ServiceFiles;
	bindings: Bindings;
	pipelines: EnginePipeline[];
	/** Resolves when everything written so far has gone as far as it goes: nothing to read, nothing waiting, nothing in flight. */
	idle(): Promise<void>;
	/** Drains and stops. What a failing function still holds comes back at the next start. */
	close(): Promise<void>;
}

/** Runs a plan on this machine: embedded services, the functions as their real bundles, and mappings between them. */
export async function startEngine(options: EngineOptions): Promise<Engine> {
	const dataDir = resolve(options.dataDir);
	const folder = openDataDir(dataDir);
	/** What to undo, last first. */
	const closers: (() => unknown)[] = [folder.release];
	const close = async (): Promise<void> => {
		for (let undo = closers.pop(); undo; undo = closers.pop()) await undo();
	};
	try {
		const clock = options.clock ?? systemClock;
		const port = await takePort(options.port);
		closers.push(port.close);
		// Only now: a run that cannot be served must not have emptied anything.
		if (options.fresh) folder.empty();
		const services = await startServices({ plan: options.plan, dataDir, port, clock });
		closers.push(services.close, announceEndpoint(dataDir, services.endpoint));
		const clients = connect(services);
		closers.push(() => disconnect(clients));
		const streamArns = await provision(clients, bind(allResources(options.plan), services.bindings));
		const idleness = watchIdleness(options.signal);
		const running = await runFunctions(options.plan, streamArns, {
			projectRoot: options.projectRoot,
			dataDir,
			endpoint: services.endpoint,
			bindings: services.bindings,
			clock,
			sources: services.sources,
			putObject: async (Bucket, Key, Body) => void (await clients.s3.send(new PutObjectCommand({ Bucket, Key, Body }))),
			onDelivery: options.onDelivery,
			onSourceLost: (name, error) => options.onWarning?.(`${name} reads no more: ${error.message}`),
			onIdle: idleness.check,
			tamper: options.tamper,
		});
		closers.push(() => stopFunctions(running));
		services.serveFunctions(running.map(({ served }) => served));
		const { endpoint, files, bindings } = services;
		return {
			endpoint,
			endpoints: { dynamodb: endpoint, kinesis: endpoint, s3: endpoint },
			files,
			bindings,
			pipelines: options.plan.pipelines.map((pipeline) => describePipeline(pipeline, bindings, streamArns)),
			idle: () => idleness.wait(() => running.every(({ mapping }) => mapping.idle())),
			close,
		};
	} catch (error) {
		await close();
		throw error;
	}
}

function connect({ endpoint, bindings }: Services): Clients {
	const configuration = {
		endpoint,
		region: bindings.region,
		credentials: { accessKeyId: "local", secretAccessKey: "local" },
	};
	return {
		dynamodb: new DynamoDBClient(configuration),
		kinesis: new KinesisClient(configuration),
		s3: new S3Client({ ...configuration, forcePathStyle: true }),
	};
}

function disconnect({ dynamodb, kinesis, s3 }: Clients): void {
	for (const client of [dynamodb, kinesis, s3]) client.destroy();
}

const allResources = (plan: Plan): PlannedResource[] => [
	...plan.resources,
	...plan.pipelines.flatMap(({ resources }) => resources),
];

/** Side by side: a bundle takes longest, and each is its own. If one cannot start, the others are stopped. */
async function runFunctions(
	plan: Plan,
	streamArns: StreamArns,
	around: FunctionSurroundings,
): Promise<RunningFunction[]> {
	const starts = await Promise.allSettled(
		plan.pipelines.flatMap((pipeline) =>
			pipeline.functions.map(async (planned) =>
				runFunction(pipeline, planned, sourceArn(pipeline, planned, around.bindings, streamArns), around),
			),
		),
	);
	const running = starts.flatMap((start) => (start.status === "fulfilled" ? [start.value] : []));
	const failed = starts.find((start) => start.status === "rejected");
	if (!failed) return running;
	await stopFunctions(running);
	throw failed.reason;
}

function sourceArn(
	pipeline: PipelinePlan,
	{ source }: PlannedFunction,
	bindings: Bindings,
	streamArns: StreamArns,
): string {
	const resource = pipeline.resources.find(({ id }) => id === source.resource);
	const stream =
		resource?.type === "AWS::Kinesis::StreamConsumer"
			? pipeline.resources.find(({ id }) => id === resource.properties.stream)
			: resource;
	const arn = stream && streamArns[source.type].get(bind(stream.name, bindings));
	if (!arn) throw new Error(`the plan of ${pipeline.name} has no stream behind ${source.resource}`);
	return arn;
}

/** Readers of tables first: what they hand on to Kinesis is then read to its end as well. */
async function stopFunctions(running: readonly RunningFunction[]): Promise<void> {
	for (const type of ["dynamodb", "kinesis"] as const)
		await Promise.all(running.filter(({ sourceType }) => sourceType === type).map(({ mapping }) => mapping.drain()));
	await Promise.all(running.map((each) => each.close()));
}

function describePipeline(pipeline: PipelinePlan, bindings: Bindings, streamArns: StreamArns): EnginePipeline {
	const manifests = pipeline.functions.map(({ manifest }) => bindManifest(manifest, bindings));
	const table = manifests[0]?.table.name ?? "";
	const lake = manifests.find((manifest) => manifest.lake)?.lake ?? null;
	return {
		name: pipeline.name,
		table,
		streamArn: streamArns.dynamodb.get(table) ?? "",
		lakeBucket: lake?.bucket ?? null,
		lakePrefix: lake ? lakePrefix(pipeline.name) : null,
	};
}
