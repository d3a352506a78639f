import { resolve } from "node:path";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import type { Bindings } from "../contract/manifest.ts";
import { type Clients, connect, disconnect } from "./clients.ts";
import { type Clock, systemClock } from "./clock.ts";
import { announceEndpoint, openDataDir } from "./data-dir.ts";
import { watchIdleness } from "./idleness.ts";
import type { DeliveryReport, FunctionTask, Tamper } from "./run-function.ts";
import { runFunctions, stopFunctions } from "./run-functions.ts";
import { type ServiceFiles, startServices, takePort } from "./services.ts";

export interface RunOptions {
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

export interface Run {
	/** Base URL of every service: what AWS_ENDPOINT_URL is set to. */
	endpoint: string;
	endpoints: { dynamodb: string; kinesis: string; s3: string };
	files: ServiceFiles;
	bindings: Bindings;
	/** Resolves when everything written so far has gone as far as it goes: nothing to read, nothing waiting, nothing in flight. */
	idle(): Promise<void>;
	/** Drains and stops. What a failing function still holds comes back at the next start. */
	close(): Promise<void>;
}

/** Where what a run needs is made: the services are there, empty or as an earlier run left them. */
export interface Ground {
	clients: Clients;
	endpoint: string;
	bindings: Bindings;
}

/** Runs functions on this machine: embedded services, the functions as their real bundles, and mappings between them. */
export async function startRun(
	options: RunOptions,
	prepare: (ground: Ground) => Promise<FunctionTask[]>,
): Promise<Run> {
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
		const services = await startServices({ dataDir, port, clock });
		const { endpoint, files, bindings } = services;
		closers.push(services.close, announceEndpoint(dataDir, endpoint));
		const clients = connect(services);
		closers.push(() => disconnect(clients));
		const tasks = await prepare({ clients, endpoint, bindings });
		services.expectSignatures(tasks.map(({ manifest }) => manifest));
		const idleness = watchIdleness(options.signal);
		const running = await runFunctions(tasks, {
			dataDir,
			endpoint,
			bindings,
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
		return {
			endpoint,
			endpoints: { dynamodb: endpoint, kinesis: endpoint, s3: endpoint },
			files,
			bindings,
			idle: () => idleness.wait(() => running.every(({ mapping }) => mapping.idle())),
			close,
		};
	} catch (error) {
		await close();
		throw error;
	}
}
