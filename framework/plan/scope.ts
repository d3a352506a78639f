import type { ConsumerContribution, ConsumerDefinitions, PlanContext } from "../contract/consumer-definition.ts";
import type { ConsumerSettings, Definition } from "../definition/types.ts";
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
		const context = planContext(definition.name, settings, environment, names);
		return { settings, contribution: kind.contribute(settings.with, context) };
	});
	return { environment, names, definition, consumers };
}

function planContext(pipeline: string, settings: ConsumerSettings, environment: string, names: Names): PlanContext {
	return {
		environment,
		pipeline,
		consumer: settings.name,
		local: environment === "local",
		// Set in part is set: a path that was asked for may have members.
		setByEnvironment: (...path) =>
			settings.withSetByEnvironment.some((set) => path.every((step, index) => String(set[index]) === step)),
		environmentBucket: names.bucket,
	};
}
