import { relative } from "node:path";
import { setTimeout } from "node:timers/promises";
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { type Engine, startEngine } from "../../local/engine.ts";
import { LOCAL_CLIENT } from "../../local/local-client.ts";
import type { PipelinePlan, Plan } from "../../plan/types.ts";
import { type Io, UsageError } from "../command.ts";
import { createProgress } from "../progress.ts";
import { loadPlan } from "../project.ts";
import { Ledger } from "./ledger.ts";
import { produce } from "./produce.ts";
import type { DemoResult } from "./report.ts";
import { type Fault, type PlantedFault, plantInTransport, withoutSignatures } from "./sabotage.ts";
import { itemName, type Story, tellStories } from "./stories.ts";
import { verify } from "./verify.ts";

export interface DemoOptions {
	projectRoot: string;
	dataDir: string;
	events: number;
	/** Events a second at most; null = as fast as it can. */
	rate: number | null;
	fault: Fault | null;
}

/** The pipeline that the project ships, and the consumer that gets the planted transport fault: it reads in windows, so its batches hold several records of an item. */
const PIPELINE = "user-actions";
const FAULTY_CONSUMER = "clicks-for-quicksight";

/** Brings the pipeline up, writes, waits, checks. null = the definitions have problems (already shown) or the run was interrupted. */
export async function runDemo(options: DemoOptions, io: Io): Promise<DemoResult | null> {
	const plan = await loadPlan(io, { env: "local", names: [PIPELINE] });
	const pipeline = plan?.pipelines.find(({ name }) => name === PIPELINE);
	if (!plan || !pipeline) return null;
	const { fault } = options;
	const transport = fault && fault !== "unsigned" ? plantInTransport(fault) : null;
	const engine = await start(fault === "unsigned" ? withoutSignatures(plan) : plan, transport, options, io);
	try {
		io.stderr(`Running ${PIPELINE} on ${engine.endpoint}\n`);
		const result = await writeAndCheck(engine, pipeline, options, io);
		if (result && transport?.planted() === false)
			throw new UsageError(`--sabotage ${fault}: no batch allowed it. Run again with more --events.`);
		return result;
	} finally {
		await engine.close();
	}
}

function start(
	plan: Plan,
	transport: PlantedFault | null,
	{ projectRoot, dataDir }: DemoOptions,
	io: Io,
): Promise<Engine> {
	return startEngine({
		plan,
		projectRoot,
		dataDir,
		fresh: true,
		port: 0,
		signal: io.signal,
		...(transport && {
			tamper: (functionId: string, _pipeline: string, batch: string[]) =>
				functionId === FAULTY_CONSUMER ? [...transport.tamper(batch)] : batch,
		}),
	});
}

async function writeAndCheck(
	engine: Engine,
	pipeline: PipelinePlan,
	options: DemoOptions,
	io: Io,
): Promise<DemoResult | null> {
	const table = pipeline.functions[0]?.manifest.table.name ?? "";
	const client = new DynamoDBClient({ ...LOCAL_CLIENT, endpoint: engine.endpoint });
	const stories = tellStories(options.events);
	const ledger = new Ledger();
	const started = Date.now();
	const progress = createProgress(io, { label: "events written", total: options.events });
	const producer = { client, table, ledger, now: Date.now, until };
	await produce(producer, stories, { signal: io.signal, rate: options.rate, progress: progress.advance });
	progress.end();
	io.stderr("Waiting for TTL and for the last deliveries\n");
	await waitForTtl(client, table, stories, io.signal);
	if (io.signal.aborted) return null;
	await engine.idle();
	const seconds = (Date.now() - started) / 1000;
	const result = await verify(engine, pipeline, ledger);
	client.destroy();
	return {
		...result,
		events: ledger.size,
		seconds,
		places: {
			...Object.fromEntries(Object.entries(result.places).map(([name, place]) => [name, relative(io.cwd, place)])),
			"again, and stays up": "npm run dev",
		},
	};
}

async function until(time: number, signal: AbortSignal): Promise<void> {
	const wait = time - Date.now();
	// An abort is no failure here: whoever waits looks at the signal.
	if (wait > 0) await setTimeout(wait, undefined, { signal }).catch(() => {});
}

/** Until TTL has deleted every item that had expired when it was put. */
async function waitForTtl(
	client: DynamoDBClient,
	table: string,
	stories: readonly Story[],
	signal: AbortSignal,
): Promise<void> {
	const deadline = Date.now() + 60_000;
	for (const story of stories) {
		if (story.kind !== "expiring") continue;
		const { uuid, user } = story.key;
		const command = new GetItemCommand({
			TableName: table,
			Key: { uuid: { S: uuid }, user: { S: user } },
			ConsistentRead: true,
		});
		while ((await client.send(command)).Item && !signal.aborted) {
			if (Date.now() > deadline) throw new Error(`TTL left item ${itemName(story.key)} in the table for a minute`);
			await setTimeout(100);
		}
	}
}
