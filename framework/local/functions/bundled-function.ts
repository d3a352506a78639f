import { randomUUID } from "node:crypto";
import { createWriteStream, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { type Container, type ContainerOptions, startContainer } from "./container.ts";
import type { LocalFunction } from "./invocation.ts";

/** Containers of one function that run at once; more invocations wait for one. */
const MOST_CONTAINERS = 4;

export interface BundledFunctionOptions extends Omit<ContainerOptions, "log"> {
	/** What the function prints is appended here. */
	logFile: string;
	/** Most invocations at once, Lambda's ReservedConcurrentExecutions; null = as many as this machine runs. */
	reservedConcurrency: number | null;
}

/** Runs a function as its real bundle. Containers start when they are needed, are reused, and are replaced when they died. */
export function runBundle(options: BundledFunctionOptions): LocalFunction {
	mkdirSync(dirname(options.logFile), { recursive: true });
	const log = createWriteStream(options.logFile, { flags: "a" });
	const idle: Container[] = [];
	const all = new Set<Container>();
	const queue: (() => void)[] = [];
	const most = Math.min(MOST_CONTAINERS, options.reservedConcurrency ?? MOST_CONTAINERS);
	let running = 0;

	const acquire = async (): Promise<Container> => {
		if (running >= most) await new Promise<void>((resolve) => queue.push(resolve));
		running += 1;
		const free = idle.pop();
		if (free && !free.dead()) return free;
		const fresh = startContainer({ ...options, log });
		all.add(fresh);
		return fresh;
	};
	const release = (container: Container): void => {
		running -= 1;
		if (container.dead()) all.delete(container);
		else idle.push(container);
		queue.shift()?.();
	};
	return {
		async invoke(event) {
			const requestId = randomUUID();
			const container = await acquire();
			try {
				return { requestId, status: "answered", response: await container.invoke(event, requestId) };
			} catch (error) {
				const text = (error as Error).message;
				log.write(`${requestId} ${text}\n`);
				return { requestId, status: "failed", error: text };
			} finally {
				release(container);
			}
		},
		async close() {
			await Promise.all([...all].map((container) => container.close()));
			await new Promise<void>((resolve) => log.end(resolve));
		},
	};
}
