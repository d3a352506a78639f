import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Bindings, Manifest } from "../contract/manifest.ts";
import type { PlannedFunction } from "../plan/types.ts";
import type { Clock } from "./clock.ts";
import { startDynamoDb } from "./dynamodb/start.ts";
import { EngineError } from "./engine-error.ts";
import { type ServedFunction, startLambda } from "./functions/lambda-service.ts";
import type { LocalService } from "./http.ts";
import { startKinesis } from "./kinesis/start.ts";
import { startMetrics } from "./metrics/start.ts";
import { type Receiver, startReceiver } from "./receiver/start.ts";
import { refusal } from "./refusal.ts";
import { routeByProtocol } from "./route.ts";
import { startS3 } from "./s3/start.ts";
import { startSecrets } from "./secrets/start.ts";
import { type Route, startServer } from "./server.ts";
import type { ShardedSource } from "./source.ts";

/** What the embedded services say of themselves; nothing checks it. */
export const REGION = "us-east-1";
export const ACCOUNT_ID = "000000000000";

export interface Services {
	/** Base URL of all of them. */
	endpoint: string;
	files: ServiceFiles;
	bindings: Bindings;
	sources: Readonly<Record<PlannedFunction["source"]["type"], ShardedSource>>;
	/** Tells the receiver which consumers sign what they send, and with which secret. */
	expectSignatures(manifests: readonly Manifest[]): void;
	/** Takes the run's functions, for whoever invokes them by name. */
	serveFunctions(functions: readonly ServedFunction[]): void;
	close(): Promise<void>;
}

/** What of the services lies open for any tool to read. */
export interface ServiceFiles {
	/** A folder for each bucket, the objects in it as plain files. */
	objects: string;
	/** The requests that the receiver took, a JSON line each. */
	requests: string;
}

export interface ServicesOptions {
	dataDir: string;
	/** Where they are to be served. */
	port: TakenPort;
	clock: Clock;
}

/** A port of 127.0.0.1 that nobody else can take any more. */
export interface TakenPort {
	url: string;
	/** Until then every request is told to come again. */
	serve(route: Route): void;
	close(): Promise<void>;
}

/** Takes a port, 0 = a free one, before anything is changed for it. */
export async function takePort(port: number): Promise<TakenPort> {
	let serving: Route = () => notReady;
	const server = await startServer({ port, route: (request) => serving(request) }).catch((error) => {
		throw portRefused(port, error);
	});
	return {
		url: server.url,
		serve(route) {
			serving = route;
		},
		close: server.close,
	};
}

/** SDKs try again after a 503. */
const notReady: LocalService = async ({ headers }) =>
	refusal(headers, { status: 503, code: "ServiceUnavailable", message: "The services are starting. Try again." });

/** Starts every embedded service behind the port. */
export async function startServices({ dataDir, port, clock }: ServicesOptions): Promise<Services> {
	const files = { objects: join(dataDir, "s3"), requests: join(dataDir, "received.ndjson") };
	const common = { clock, region: REGION, accountId: ACCOUNT_ID };
	const dynamodb = await startDynamoDb({ ...common, dataDir: join(dataDir, "dynamodb") });
	const kinesis = await startKinesis({ ...common, dataDir: join(dataDir, "kinesis") });
	const secrets = startSecrets({ file: join(dataDir, "secrets.json"), random: randomBytes });
	const receiver = startReceiver({ file: files.requests, clock, secretOf: secrets.secretOf });
	const lambda = startLambda(receiver.lambda);
	const route = routeByProtocol({
		dynamodb: dynamodb.service,
		kinesis: kinesis.service,
		s3: startS3({ dir: files.objects }),
		lambda: lambda.service,
		secrets: secrets.service,
		receiver: receiver.service,
		metrics: startMetrics({ logs: join(dataDir, "logs") }),
		changeLog: dynamodb.changeLog,
	});
	const closeStores = async (): Promise<void> => {
		await dynamodb.close();
		await kinesis.close();
		receiver.close();
	};
	port.serve(route);
	return {
		endpoint: port.url,
		files,
		bindings: { accountId: ACCOUNT_ID, region: REGION, receiver: `${port.url}/_receiver` },
		sources: { dynamodb: dynamodb.source, kinesis: kinesis.source },
		expectSignatures: (manifests) => expectSignatures(manifests, receiver),
		serveFunctions: lambda.serve,
		async close() {
			await port.close();
			await closeStores();
		},
	};
}

/** What the system says of a port, in words; any other error as it is. */
function portRefused(port: number, error: NodeJS.ErrnoException): Error {
	const wayOut = "or run with another --port; --port 0 takes a free one.";
	if (error.code === "EADDRINUSE")
		return new EngineError(`Port ${port} is in use by another program. Stop that one, ${wayOut}`);
	if (error.code === "EACCES")
		return new EngineError(`Port ${port} needs rights that this user has not. Run with those, ${wayOut}`);
	return error;
}

function expectSignatures(manifests: readonly Manifest[], receiver: Receiver): void {
	for (const { pipeline, consumers } of manifests)
		for (const consumer of consumers) {
			const { signingSecret } = consumer.settings as { signingSecret?: string };
			receiver.expect(pipeline, consumer.name, signingSecret ?? null);
		}
}
