import type { CustomResourceOptions } from "@pulumi/pulumi";
import type { ResourceArguments, ResourceType } from "./resource-classes.ts";

/** A resource that is about to be made, as a hook sees it. */
export interface PlannedMaking<Arguments> {
	environment: string;
	/** null for what the environment's pipelines share. */
	pipeline: string | null;
	/** Its id in the plan: `table`, `fan-out`, `lake`; for a part of a function or bucket, the id of that. */
	id: string;
	/** Pulumi's logical name, its identity in the state; a hook cannot change it. */
	name: string;
	/** As the provider takes them. Never changed in place: answer others. */
	args: Readonly<Arguments>;
	options: Readonly<CustomResourceOptions>;
}

/** What to make instead; what is left out stays. */
export interface ChangedMaking<Arguments> {
	args?: Arguments;
	options?: CustomResourceOptions;
}

/** Called once for each resource of its type, while the graph is made. Answers nothing to leave it as it is. */
// biome-ignore lint/suspicious/noConfusingVoidType: a hook without a return statement is one that changes nothing.
export type Hook<Arguments> = (resource: PlannedMaking<Arguments>) => ChangedMaking<Arguments> | undefined | void;

/** By the provider's type token. */
export type Hooks = { readonly [Type in ResourceType]?: Hook<ResourceArguments<Type>> };

/** For `pipelines/hooks.ts`: gives the hooks their types. */
export const defineHooks = (hooks: Hooks): Hooks => hooks;
