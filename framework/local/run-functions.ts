import { type FunctionSurroundings, type FunctionTask, type RunningFunction, runFunction } from "./run-function.ts";

/** Side by side: a bundle takes longest, and each is its own. If one cannot start, the others are stopped. */
export async function runFunctions(
	tasks: readonly FunctionTask[],
	around: FunctionSurroundings,
): Promise<RunningFunction[]> {
	const starts = await Promise.allSettled(tasks.map((task) => runFunction(task, around)));
	const running = starts.flatMap((start) => (start.status === "fulfilled" ? [start.value] : []));
	const failed = starts.find((start) => start.status === "rejected");
	if (!failed) return running;
	await stopFunctions(running);
	throw failed.reason;
}

/** Readers of tables first: what they hand on to Kinesis is then read to its end as well. */
export async function stopFunctions(running: readonly RunningFunction[]): Promise<void> {
	for (const type of ["dynamodb", "kinesis"] as const)
		await Promise.all(running.filter(({ sourceType }) => sourceType === type).map(({ mapping }) => mapping.drain()));
	await Promise.all(running.map((each) => each.close()));
}
