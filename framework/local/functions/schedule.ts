import { SCHEDULED_TIME } from "../../contract/redrive.ts";
import type { Clock } from "../clock.ts";

/** What a function is invoked with, and how often. */
export interface ScheduleTask {
	everyMinutes: number;
	event: object;
}

export interface RunningSchedule {
	/** Whether nothing that it began is running. */
	idle(): boolean;
	/** Begins nothing more; resolves when what it began has ended. */
	stop(): Promise<void>;
}

/** Invokes a function again and again, as EventBridge Scheduler does, whether the one before has ended or not. */
export function startSchedule(
	{ everyMinutes, event }: ScheduleTask,
	clock: Clock,
	invoke: (event: string) => Promise<unknown>,
	onIdle: () => void,
): RunningSchedule {
	const text = JSON.stringify(event);
	const running = new Set<Promise<unknown>>();
	let cancel = (): void => {};
	const wait = (): void => {
		cancel = clock.after(everyMinutes * 60_000, () => {
			const time = new Date(clock.now()).toISOString().replace(/\.\d+/, "");
			const invocation = invoke(text.replace(SCHEDULED_TIME, time)).finally(() => {
				running.delete(invocation);
				onIdle();
			});
			running.add(invocation);
			wait();
		});
	};
	wait();
	return {
		idle: () => running.size === 0,
		async stop() {
			cancel();
			await Promise.all(running);
		},
	};
}
