import { once } from "node:events";
import type { Writable } from "node:stream";
import { Worker } from "node:worker_threads";
import type { Clock } from "../clock.ts";
import type { FunctionAnswer, FunctionRequest } from "./protocol.ts";

export interface ContainerOptions {
	/** URL of the bundle's index.mjs. */
	bundle: string;
	environment: Record<string, string>;
	timeoutSeconds: number;
	/** Takes what the function prints. */
	log: Writable;
	clock: Clock;
}

/** One thread that holds one copy of the function, as a Lambda execution environment does: one event at a time. */
export interface Container {
	/** Rejects if the function threw, ran out of time or died; after the last two the container is dead. */
	invoke(event: string, requestId: string): Promise<unknown>;
	dead(): boolean;
	close(): Promise<void>;
}

export function startContainer(options: ContainerOptions): Container {
	const worker = new Worker(new URL("./worker-entry.ts", import.meta.url), {
		env: options.environment,
		workerData: { bundle: options.bundle },
		execArgv: [],
		stdout: true,
		stderr: true,
	});
	worker.stdout.pipe(options.log, { end: false });
	worker.stderr.pipe(options.log, { end: false });
	let death: Error | null = null;
	let settle: ((answer: FunctionAnswer | Error) => void) | null = null;
	const die = (error: Error): void => {
		death ??= error;
		settle?.(death);
	};
	worker.on("message", (answer: FunctionAnswer) => settle?.(answer));
	worker.on("error", die);
	worker.on("messageerror", die);
	worker.on("exit", (code) => die(new Error(`Runtime exited with status ${code}`)));

	return {
		dead: () => death !== null,
		async invoke(event, requestId) {
			if (death) throw death;
			const milliseconds = options.timeoutSeconds * 1000;
			const cancel = options.clock.after(milliseconds, () => {
				die(new Error(`Task timed out after ${options.timeoutSeconds.toFixed(2)} seconds`));
				void worker.terminate();
			});
			const answered = new Promise<FunctionAnswer | Error>((resolve) => {
				settle = resolve;
			});
			const request: FunctionRequest = { event, requestId, deadline: Date.now() + milliseconds };
			worker.postMessage(request);
			const answer = await answered;
			settle = null;
			cancel();
			if (answer instanceof Error) throw answer;
			if ("error" in answer) throw new Error(answer.error);
			return JSON.parse(answer.response);
		},
		async close() {
			const ended = death ? null : once(worker, "exit");
			await worker.terminate();
			await ended;
		},
	};
}
