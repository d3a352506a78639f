import { arnOf } from "../contract/arns.ts";
import { REDRIVE_SOURCE, SCHEDULED_TIME } from "../contract/redrive.ts";
import type { Scope } from "./scope.ts";
import type { PlannedFunction, PlannedResource } from "./types.ts";
import { duration } from "./words.ts";

/** A schedule for each consumer whose dead letters are redriven by themselves: its function is told to look for what is due. */
export function planSchedules({ names, definition }: Scope, functions: readonly PlannedFunction[]): PlannedResource[] {
	return functions.flatMap(({ id, name, redrives }) =>
		redrives.map(
			({ consumer, everyMinutes, maxAttempts }): PlannedResource => ({
				type: "AWS::Scheduler::Schedule",
				id: `redrive-${consumer}`,
				name: names.schedule(definition.name, `${consumer}--redrive`),
				why: `Looks every ${duration(everyMinutes * 60)} for dead letters that ${consumer} could not take and that are due again.`,
				properties: {
					function: id,
					everyMinutes,
					event: { source: REDRIVE_SOURCE, consumer, everyMinutes, maxAttempts, time: SCHEDULED_TIME },
					statements: [
						{
							sid: "InvokeFunction",
							actions: ["lambda:InvokeFunction"],
							resources: [arnOf("lambda", `function:${name}`)],
							conditions: {},
							why: "The schedule invokes the consumer's function.",
						},
					],
				},
			}),
		),
	);
}
