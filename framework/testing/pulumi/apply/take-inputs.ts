import { type GraphResource, isUnknown, referenceOf, reveal, type Value } from "../graph.ts";

/** A resource's inputs, each to be taken or named as one without effect here. */
export interface Inputs {
	text(name: string): string;
	/** Undefined if it is not given. */
	optional<T extends Value>(name: string): T | undefined;
	/** To be called last. Throws if an input is left that nobody took: what is told to AWS must not go unheard. */
	rest(withoutEffect: readonly string[]): void;
}

export function takeInputs(resource: GraphResource): Inputs {
	const taken = new Set<string>();
	const optional = <T extends Value>(name: string): T | undefined => {
		taken.add(name);
		const value = resource.inputs[name];
		if (isUnknown(value))
			throw new Error(`${referenceOf(resource)}.${name} is unknown: capture a deployment, no preview.`);
		return value === undefined ? undefined : (reveal(value) as T);
	};
	return {
		optional,
		text(name) {
			const value = optional(name);
			if (typeof value !== "string") throw new Error(`${referenceOf(resource)}.${name} is no text.`);
			return value;
		},
		rest(withoutEffect) {
			const unheard = Object.keys(resource.inputs).filter((name) => !taken.has(name) && !withoutEffect.includes(name));
			if (unheard.length === 0) return;
			throw new Error(`${referenceOf(resource)}: the embedded services are not told of ${unheard.join(", ")}.`);
		},
	};
}
