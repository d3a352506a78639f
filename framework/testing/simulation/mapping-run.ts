import type { Invocation } from "../../local/functions/invocation.ts";
import type { Checkpoint, Checkpoints } from "../../local/mapping/checkpoints.ts";
import type { RunningMapping, Throttled } from "../../local/mapping/types.ts";
import type { PlannedFunction } from "../../plan/types.ts";
import { addTo } from "./facts.ts";
import type { FunctionHost } from "./function-host.ts";
import type { StreamModel } from "./stream-model.ts";
import type { World } from "./world.ts";

/** How long a throttled mapping waits before it looks again; it must see records grow too old meanwhile. */
const LONGEST_THROTTLE_MILLISECONDS = 3_600_000;

/** One function's mapping: the project's own, whose poller may be lost, whose invocations may be throttled or doubled. */
export interface MappingRun {
	readonly function: string;
	idle(): boolean;
	/** Another poller goes on from the checkpoint. */
	restart(): void;
	setFilters(filters: readonly object[]): void;
	/** It is deleted: what is under way ends unheard. */
	stop(): void;
}

export function createMappingRun(
	world: World,
	planned: PlannedFunction,
	stream: StreamModel,
	host: FunctionHost,
): MappingRun {
	const { scheduler, scenario, facts, trace, code } = world;
	const positions = new Map<string, Checkpoint>();
	const startedAt = scheduler.now();
	let filters = planned.filters;
	let poller = 0;
	let stopped = false;
	let batches = 0;
	let mapping: RunningMapping;

	const checkpointsOf = (own: number): Checkpoints => ({
		startedAt,
		get: (shardId) => positions.get(shardId),
		set(shardId, checkpoint) {
			if (own !== poller) return;
			const before = positions.get(shardId);
			positions.set(shardId, checkpoint);
			world.judge.passed(planned.id, stream, shardId, before, checkpoint);
		},
		keepOnly() {},
		flush: async () => {},
	});
	const throttleEnd = (truths: readonly number[]): number => {
		const time = scheduler.now() - world.start;
		let end = time;
		for (const [index, fault] of scenario.faults.entries()) {
			if (fault.kind !== "throttle" || fault.function !== planned.id || time < fault.from || time >= fault.to) continue;
			end = Math.max(end, fault.to);
			addTo(facts.touched, index, truths);
		}
		return end - time;
	};
	const wait = (milliseconds: number): Promise<void> =>
		new Promise((resolve) => scheduler.after(milliseconds, resolve));
	/** A poller that is gone does nothing more and hears nothing. */
	const unlessGone = async <T>(own: number, work: () => Promise<T>): Promise<T> => {
		const result = own === poller ? await work() : null;
		return result !== null && own === poller ? result : new Promise(() => {});
	};
	const invoke = async (own: number, records: readonly string[]): Promise<Invocation | Throttled> => {
		const { truths } = world.batchOf(records);
		const throttled = throttleEnd(truths);
		if (throttled > 0) {
			await wait(Math.min(throttled, LONGEST_THROTTLE_MILLISECONDS));
			return { status: "throttled" };
		}
		const batch = batches++;
		const heard = (): boolean => own === poller;
		const index = scenario.faults.findIndex(
			(fault) => fault.kind === "twice" && fault.function === planned.id && fault.invocation === batch,
		);
		const twice = scenario.faults[index];
		if (twice?.kind !== "twice") return host.invoke(records, heard);
		addTo(facts.touched, index, truths);
		const first = host.invoke(records, heard, true);
		const second = wait(twice.delay).then(() => host.invoke(records, heard, true));
		return twice.answer === "first" ? first : second;
	};
	/** Lambda tries once, and drops what the bucket does not take. */
	const putFailure = async (body: string): Promise<void> => {
		const { payload, requestContext } = JSON.parse(body);
		const { truths } = world.batchOf(JSON.parse(payload).Records.map((record: unknown) => JSON.stringify(record)));
		const down = world.isDown("operations", planned.id, truths);
		trace.add(
			scheduler.now(),
			`${planned.id} gives up ${truths.map((id) => `r${id}`).join(" ")}: ${requestContext.condition}${down ? ", and the dump fails" : ""}`,
		);
		addTo(down ? facts.dropped : facts.dumped, planned.id, truths);
		world.dumps.push(JSON.parse(body));
	};
	const start = (): void => {
		const own = ++poller;
		mapping = code.startMapping({
			id: "00000000-0000-0000-0000-000000000000",
			source: stream,
			sourceType: planned.source.type,
			streamArn: stream.arn,
			functionArn: `arn:aws:lambda:eu-west-1:123456789012:function:${planned.name}`,
			settings: planned.mapping,
			filters,
			checkpoints: checkpointsOf(own),
			clock: scheduler,
			invoke: (records) => unlessGone(own, () => invoke(own, records)),
			putFailure: (_key, body) => unlessGone(own, () => putFailure(body)),
		});
	};
	start();
	return {
		function: planned.id,
		idle: () => stopped || mapping.idle(),
		restart() {
			if (!stopped) start();
		},
		stop() {
			poller++;
			stopped = true;
		},
		setFilters(next) {
			if (stopped) return;
			filters = [...next];
			start();
		},
	};
}
