import { join } from "node:path";
import type { Bindings } from "../contract/manifest.ts";
import type { Plan, PlannedFunction } from "../plan/types.ts";
import type { Clock } from "./clock.ts";
import { startDynamoDb } from "./dynamodb/start.ts";
import { EngineError } from "./engine-error.ts";
import { startKinesis } from "./kinesis/start.ts";
import { startReceiver } from "./receiver/start.ts";
import { routeByProtocol } from "./route.ts";
import { startS3 } from "./s3/start.ts";
import { startSecrets } from "./secrets/start.ts";
import { startServer } from "./server.ts";
import type { ShardedSource } from "./source.ts";

/** What the embedded services say of themselves; nothing checks it. */
const REGION = "us-east-1";
const ACCOUNT_ID = "000000000000";

export interface Services {
	/** Base URL of all of them. */
	endpoint: string;
	bindings: Bindings;
	sources: Readonly<Record<PlannedFunction["source"]["type"], ShardedSource>>;
	close(): Promise<void>;
}

export interface ServicesOptions {
	plan: Plan;
	dataDir: string;
	port: number;
	clock: Clock;
}

/** Starts every embedded service behind one port of 127.0.0.1. */
export async function startServices({ plan, dataDir, port, clock }: ServicesOptions): Promise<Services> {
	const common = { clock, region: REGION, accountId: ACCOUNT_ID };
	const dynamodb = await startDynamoDb({ ...common, dataDir: join(dataDir, "dynamodb") });
	const kinesis = await startKinesis({ ...common, dataDir: join(dataDir, "kinesis") });
	const secrets = await startSecrets({ dir: join(dataDir, "secrets"), references: secretReferences(plan) });
	const receiver = await startReceiver({ dir: join(dataDir, "receiver"), clock });
	const route = routeByProtocol({
		dynamodb: dynamodb.service,
		kinesis: kinesis.service,
		s3: startS3({ dir: join(dataDir, "s3") }),
		secrets,
		receiver,
	});
	const closeStores = async (): Promise<void> => {
		await dynamodb.close();
		await kinesis.close();
	};
	const server = await startServer({ port, route }).catch(async (error: NodeJS.ErrnoException) => {
		await closeStores();
		throw error.code === "EADDRINUSE" ? portInUse(port) : error;
	});
	const endpoint = `http://127.0.0.1:${server.port}`;
	return {
		endpoint,
		bindings: { accountId: ACCOUNT_ID, region: REGION, receiver: `${endpoint}/_receiver` },
		sources: { dynamodb: dynamodb.source, kinesis: kinesis.source },
		async close() {
			await server.close();
			await closeStores();
		},
	};
}

function portInUse(port: number): EngineError {
	return new EngineError(
		`Port ${port} is in use by another program. Stop that one, or run with another --port; --port 0 takes a free one.`,
	);
}

/** Secrets that the functions read: each gets a generated value. */
function secretReferences(plan: Plan): string[] {
	const all = plan.pipelines.flatMap(({ functions }) => functions.flatMap(({ secrets }) => secrets));
	return [...new Set(all)].sort();
}
