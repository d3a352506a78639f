import type { LambdaContext } from "../../contract/lambda.ts";
import type { Manifest } from "../../contract/manifest.ts";
import type { Invocation } from "../../local/functions/invocation.ts";
import type { BaseDependencies } from "../../runtime/invocation.ts";
import { type Container, createContainer } from "./container.ts";
import type { InvocationFact } from "./facts.ts";
import { observerOf } from "./observe.ts";
import { chanceOf } from "./random.ts";
import { clientOf, fetchOf } from "./services.ts";
import { STRANGER, type World } from "./world.ts";

type Handler = (event: unknown, context: LambdaContext) => Promise<unknown>;

interface Warm {
	container: Container;
	handler: Handler;
	manifest: Manifest;
	/** Invocations so far. */
	served: number;
}

/** An event, and what the model knows of it. */
interface Given {
	event: string;
	/** What it replays, and to whom; null for a stream's batch. */
	replay: { id: string; consumer: string } | null;
	truths: number[];
	identifiers: string[];
}

/** A Lambda function: containers that are made, kept warm, frozen between invocations, and lost. */
export interface FunctionHost {
	readonly id: string;
	invoke(records: readonly string[], heard: () => boolean, twin?: boolean): Promise<Invocation>;
	/** The same with an event that an operator sends. */
	replay(event: string, heard: () => boolean): Promise<Invocation>;
	/** New containers find this manifest; the warm ones are gone, as after a deployment. */
	deploy(manifest: Manifest): void;
	recycle(): void;
}

export function createFunctionHost(
	world: World,
	planned: { id: string; timeoutSeconds: number; manifest: Manifest },
): FunctionHost {
	const { scheduler, scenario, facts, trace } = world;
	const chance = chanceOf(scenario.seed, "containers", planned.id);
	let manifest = planned.manifest;
	let warm: Warm[] = [];
	let made = 0;
	let invoked = 0;
	const open = (): Warm => {
		const container = createContainer(made++, scheduler);
		const timeout = (milliseconds: number): AbortSignal => timeoutOf(container, milliseconds);
		const { openHandler, createJsonObserver } = world.code.openContainer({ timeout, any: anyOf });
		const base: BaseDependencies = {
			client: clientOf(world, container),
			now: () => scheduler.now() + world.skew(planned.id, container.invocation?.truths ?? []),
			random: chance.next,
			sleep: (milliseconds) => new Promise((resolve) => container.after(milliseconds, resolve)),
			timeout,
			observer: observerOf(world, container, manifest, createJsonObserver),
		};
		return { container, handler: openHandler(manifest, base, fetchOf(world, container)), manifest, served: 0 };
	};
	const take = (): Warm => {
		const idle = warm.find(({ container }) => container.invocation === null && !container.dead);
		if (idle && !chance.happens(scenario.freshShare)) return idle;
		const fresh = open();
		warm.push(fresh);
		return fresh;
	};
	const begin = (given: Given, { container, manifest, served }: Warm, twin: boolean): InvocationFact => {
		const fact: InvocationFact = {
			id: facts.invocations.length,
			function: planned.id,
			index: invoked++,
			consumers: given.replay === null ? manifest.consumers.map(({ name }) => name) : [given.replay.consumer],
			replay: given.replay?.id ?? null,
			container: container.id,
			reused: served > 0,
			truths: given.truths,
			identifiers: given.identifiers,
			startedAt: scheduler.now(),
			endedAt: null,
			outcome: null,
			response: null,
			heard: true,
			twin,
			calls: 0,
			reports: [],
			metrics: new Map(),
			troubles: [],
		};
		facts.invocations.push(fact);
		world.touchBatchMates(fact.truths);
		if (fact.truths.includes(STRANGER)) world.breach("I1", `${planned.id} is given a record that nobody wrote.`);
		const names = fact.truths.map((id) => `r${id}`).join(" ");
		trace.add(scheduler.now(), `${planned.id} #${fact.index} in container ${container.id}: ${names}`);
		return fact;
	};
	const run = (given: Given, heard: () => boolean, twin = false): Promise<Invocation> => {
		const chosen = take();
		const { container, handler } = chosen;
		const fact = begin(given, chosen, twin);
		if (container.leftOver() > 0) world.touchContainers(planned.id, fact.truths);
		chosen.served += 1;
		const event = JSON.parse(given.event);
		return new Promise((resolve) => {
			const end = (outcome: NonNullable<InvocationFact["outcome"]>, response: unknown): void => {
				Object.assign(fact, { outcome, response, endedAt: scheduler.now(), heard: heard() });
				const text = outcome === "answered" ? JSON.stringify(response) : String(response);
				trace.add(scheduler.now(), `${planned.id} #${fact.index} ${outcome}: ${text}`);
				warm = warm.filter((one) => !one.container.dead);
				world.judge.invocation(fact);
				const requestId = `request-${fact.id}`;
				if (outcome === "answered") resolve({ requestId, status: "answered", response });
				else resolve({ requestId, status: "failed", error: text });
			};
			const seconds = planned.timeoutSeconds;
			const deadline = scheduler.now() + seconds * 1000;
			const cancel = scheduler.after(seconds * 1000, () => {
				death = "timed out";
				container.kill(`Task timed out after ${seconds} seconds`);
			});
			let death: "failed" | "timed out" = "failed";
			container.thaw(fact, (why) => {
				cancel();
				end(death, why);
			});
			const done = (outcome: "answered" | "failed", response: unknown): void => {
				if (container.dead) return;
				cancel();
				container.freeze();
				end(outcome, response);
			};
			const context = {
				awsRequestId: `request-${fact.id}`,
				getRemainingTimeInMillis: () => deadline - scheduler.now(),
			};
			container.after(1, () => {
				handler(event, context).then(
					(response) => done("answered", JSON.parse(JSON.stringify(response))),
					(error) => done("failed", error),
				);
			});
		});
	};
	return {
		id: planned.id,
		invoke: (records, heard, twin) =>
			run({ event: `{"Records":[${records.join(",")}]}`, replay: null, ...world.batchOf(records) }, heard, twin),
		replay: (event, heard) => run({ event, ...world.replayOf(event) }, heard),
		deploy(next) {
			manifest = next;
			this.recycle();
		},
		recycle() {
			// Those at work end what they do; nobody meets them again.
			warm = [];
		},
	};
}

function timeoutOf(container: Container, milliseconds: number): AbortSignal {
	const controller = new AbortController();
	container.after(milliseconds, () => controller.abort(new DOMException("The operation timed out.", "TimeoutError")));
	return controller.signal;
}

function anyOf(signals: readonly AbortSignal[]): AbortSignal {
	const controller = new AbortController();
	for (const signal of signals) {
		if (signal.aborted) controller.abort(signal.reason);
		signal.addEventListener("abort", () => controller.abort(signal.reason), { once: true });
	}
	return controller.signal;
}
