import { type CustomResourceOptions, mergeOptions } from "@pulumi/pulumi";
import { UsageError } from "../diagnostics/usage-error.ts";
import type { ChangedMaking, Hook, Hooks, PlannedMaking } from "./hooks.ts";
import type { ResourceArguments, ResourceType } from "./resource-classes.ts";

const CHANGEABLE = ["args", "options"];

/** What shall be made, after the user's hook has seen it. Throws UsageError if the hook throws or answers nonsense. */
export function applyHook<Type extends ResourceType>(
	hooks: Hooks,
	type: Type,
	planned: PlannedMaking<ResourceArguments<Type>>,
): { args: ResourceArguments<Type>; options: CustomResourceOptions } {
	const hook = hooks[type] as Hook<ResourceArguments<Type>> | undefined;
	if (hook === undefined) return { args: planned.args, options: planned.options };
	const changed = checkAnswer(type, planned, callHook(hook, type, planned));
	// Merged, not replaced: what a resource must wait for and the changes it ignores stay, whatever the hook adds.
	return { args: changed.args ?? planned.args, options: mergeOptions(planned.options, changed.options) };
}

function callHook<Type extends ResourceType>(
	hook: Hook<ResourceArguments<Type>>,
	type: Type,
	planned: PlannedMaking<ResourceArguments<Type>>,
): unknown {
	try {
		return hook(planned);
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		throw new UsageError(
			`${about(type, planned.name)} threw: ${reason}\nNothing of this kind was made. Correct the hook.`,
		);
	}
}

function checkAnswer<Type extends ResourceType>(
	type: Type,
	{ name }: { name: string },
	answer: unknown,
): ChangedMaking<ResourceArguments<Type>> {
	if (answer === undefined) return {};
	const refuse = (what: string): never => {
		throw new UsageError(
			`${about(type, name)} answered ${what}.\nAnswer { args } or { options } or both, each an object; or nothing, to leave the resource as it is.`,
		);
	};
	if (!isPlainObject(answer)) return refuse(describe(answer));
	for (const [key, value] of Object.entries(answer)) {
		if (!CHANGEABLE.includes(key)) refuse(`the unknown key "${key}"`);
		if (!isPlainObject(value)) refuse(`${describe(value)} as ${key}`);
	}
	return answer as ChangedMaking<ResourceArguments<Type>>;
}

const about = (type: string, name: string): string => `The hook for ${type} of pipelines/hooks.ts, called for ${name},`;

function isPlainObject(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value));
}

function describe(value: unknown): string {
	if (value instanceof Promise) return "a promise (a hook is not asynchronous)";
	if (Array.isArray(value)) return "a list";
	return value === null ? "null" : `a ${typeof value}`;
}
