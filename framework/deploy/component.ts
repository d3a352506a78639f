import { ComponentResource, type CustomResourceOptions, type Output, Stash } from "@pulumi/pulumi";
import type { Plan } from "../plan/types.ts";
import { applyHook } from "./apply-hook.ts";
import type { Hooks } from "./hooks.ts";
import { CONSTRUCTORS, type ResourceArguments, type ResourceOf, type ResourceType } from "./resource-classes.ts";
import type { Settings } from "./settings.ts";

/** Never changed: they are part of each child's identity in the state. What moves keeps its old identity as one of its `aliases`. */
export type ComponentType = "tributary:index:Environment" | "tributary:index:Pipeline" | "tributary:index:Function";

/** What all components of a deployment share. */
export interface Deployment {
	plan: Plan;
	settings: Settings;
	hooks: Hooks;
}

/** Where a component stands, and what it is. */
export interface Place {
	deployment: Deployment;
	/** Logical name; it begins with the parent's. */
	label: string;
	/** null for what pipelines share. */
	pipeline: string | null;
	/** Tags of its resources, beside the stack's. */
	tags: Record<string, string>;
	parent?: Component;
}

/** What to make below a component. */
interface Making<Type extends ResourceType> {
	type: Type;
	/** The plan's id of what it is or belongs to. */
	id: string;
	/** Ending of the logical name. */
	name: string;
	args: ResourceArguments<Type>;
	options?: CustomResourceOptions;
}

/** The one place at which a resource is made: parented, named after its parent, and shown to the user's hook first. */
export abstract class Component extends ComponentResource {
	protected readonly place: Place;

	protected constructor(type: ComponentType, place: Place) {
		super(type, place.label, {}, place.parent ? { parent: place.parent } : {});
		this.place = place;
	}

	make<Type extends ResourceType>({ type, id, name, args, options = {} }: Making<Type>): ResourceOf<Type> {
		const { deployment, label, pipeline } = this.place;
		const planned = {
			environment: deployment.plan.environment,
			pipeline,
			id,
			name: `${label}${name}`,
			args,
			options: { parent: this, ...options },
		};
		const changed = applyHook(deployment.hooks, type, planned);
		return new CONSTRUCTORS[type](planned.name, changed.args, changed.options);
	}

	/** A value as it was when it was first given: the engine keeps it in the state, whatever later runs would say. */
	remember(name: string, value: string): Output<string> {
		const { output } = new Stash(
			`${this.place.label}${name}`,
			{ input: value },
			{ parent: this, ignoreChanges: ["input"] },
		);
		return output as Output<string>;
	}

	get settings(): Settings {
		return this.place.deployment.settings;
	}

	/** Options of what holds data that nobody can make again. `retainOnDelete` is not inherited, so each carries both. */
	get dataOptions(): CustomResourceOptions {
		const { protect } = this.settings;
		return { protect, retainOnDelete: protect };
	}

	/** The stack's tags, the pipeline's, a resource's own, and whose it is: costs can be told apart by that. */
	tags(own: Record<string, string> = {}): Record<string, string> {
		const { deployment, pipeline, tags } = this.place;
		return {
			"tributary:environment": deployment.plan.environment,
			...(pipeline !== null && { "tributary:pipeline": pipeline }),
			...this.settings.tags,
			...tags,
			...own,
		};
	}
}
