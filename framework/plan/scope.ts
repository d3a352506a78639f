import type { ConsumerContribution, ConsumerDefinitions, PlanContext } from "../contract/consumer-definition.ts";
import { readersUsed } from "../contract/readers.ts";
import type { AlarmDefinition, ConsumerSettings, Definition } from "../definition/types.ts";
import type { Names } from "./names.ts";

/** A consumer with what its kind makes of it. */
export interface ScopedConsumer {
	settings: ConsumerSettings;
	contribution: ConsumerContribution<unknown>;
}

/** What every part of a pipeline's plan is made of. */
export interface Scope {
	environment: string;
	names: Names;
	definition: Definition;
	consumers: ScopedConsumer[];
}

/** Physical name of the pipeline's table, its own or the one it adopts. */
export function tableName({ names, definition }: Scope): string {
	return definition.table.existing ?? names.table(definition.name);
}

/** Whether the lake reads the Kinesis stream because the table's stream has one reader left, which is the router's. */
export function lakeReadsKinesis({ definition }: Scope): boolean {
	return definition.lake !== null && readersUsed(definition) === 1;
}

/** How the pipeline is watched; null = not at all. Locally there is no CloudWatch. */
export function alarmsOf({ environment, definition }: Scope): AlarmDefinition | null {
	return environment === "local" ? null : definition.alarms;
}

/** Asks the kinds for their part of a definition. */
export function scopeDefinition(
	definition: Definition,
	environment: string,
	names: Names,
	kinds: ConsumerDefinitions,
): Scope {
	const consumers = definition.consumers.map((settings): ScopedConsumer => {
		const kind = kinds[settings.kind];
		if (!kind) throw new Error(`${definition.name} was not validated: it has a consumer of the kind ${settings.kind}`);
		const context = planContext(definition, settings, environment, names);
		return { settings, contribution: kind.contribute(settings.with, context) };
	});
	return { environment, names, definition, consumers };
}

function planContext(
	{ name, itemSchema }: Definition,
	settings: ConsumerSettings,
	environment: string,
	names: Names,
): PlanContext {
	return {
		environment,
		pipeline: name,
		itemColumns: itemSchema?.columns ?? null,
		consumer: settings.name,
		local: environment === "local",
		// Set in part is set: a path that was asked for may have members.
		setByEnvironment: (...path) =>
			settings.withSetByEnvironment.some((set) => path.every((step, index) => String(set[index]) === step)),
		environmentBucket: names.bucket,
	};
}
