import type { ConsumerContribution, ConsumerDefinitions } from "../contract/consumer-definition.ts";
import type { ConsumerSettings, Definition } from "../definition/types.ts";
import { bucketName } from "./names.ts";

export type Contribution = ConsumerContribution<unknown>;

/** The environment in which nothing outside is called. */
const LOCAL = "local";

/** Asks a consumer's kind what it adds to the plan. */
export function contribute(
	definition: Definition,
	consumer: ConsumerSettings,
	kinds: ConsumerDefinitions,
): Contribution {
	const kind = kinds[consumer.kind];
	// Definitions were checked against the same registry.
	if (!kind) throw new Error(`no kind "${consumer.kind}" in the registry`);
	return kind.contribute(consumer.with, {
		environment: definition.environment,
		pipeline: definition.name,
		consumer: consumer.name,
		local: definition.environment === LOCAL,
		setByEnvironment: (...path) => consumer.withSetByEnvironment.some((set) => set.join("\0") === path.join("\0")),
		environmentBucket: (id) => bucketName(definition.environment, id),
	});
}
