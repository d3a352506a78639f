import type { Value } from "./graph.ts";
import type { Made } from "./imagined-aws.ts";
import { encode, withoutReferences } from "./wire.ts";

/** What a stack holds: URN -> resource, with values as the engine keeps them. */
export type State = Readonly<Record<string, StateEntry>>;

export interface StateEntry {
	id: string;
	/** As the program sent them. */
	wire: Wire;
	/** Decoded, as text: an asset's content counts in a comparison, not where it lies. */
	inputs: string;
	outputs: Wire;
}

type Wire = Record<string, unknown>;

/** A resource as it is registered, and as an earlier run left it. */
export interface Registered {
	type: string;
	wire: Wire;
	inputs: Record<string, Value>;
	before: StateEntry | undefined;
}

/** Keeps a value in the state from its first run on; the engine makes it itself. */
const STASH = "pulumi:index:Stash";

/** What a program sent, with the old values of the inputs whose changes it ignores. */
export function withoutIgnored(wire: Wire, ignored: readonly string[], before: StateEntry | undefined): Wire {
	const nested = ignored.find((path) => /[.[*]/.test(path));
	if (nested) throw new Error(`ignoreChanges names ${nested}: the test engine ignores whole inputs only.`);
	if (!before) return wire;
	const old = before.wire;
	// Each in its place: a comparison as text sees the order of keys.
	const kept = Object.entries(wire).flatMap(([key, value]) => {
		if (!ignored.includes(key)) return [[key, value] as const];
		return key in old ? [[key, old[key]] as const] : [];
	});
	const gone = Object.entries(old).filter(([key]) => ignored.includes(key) && !(key in wire));
	return Object.fromEntries([...kept, ...gone]);
}

/** What the provider answers to a resource's inputs, in the light of what the stack holds already. */
export function settle({ type, wire, inputs, before }: Registered, preview: boolean, make: () => Made): StateEntry {
	const asked = { wire, inputs: JSON.stringify(inputs) };
	if (before?.inputs === asked.inputs) return before;
	const seen = withoutReferences(wire) as Wire;
	if (type === STASH) {
		const id = before?.id ?? (preview ? "" : make().id);
		return { ...asked, id, outputs: { ...seen, output: before?.outputs.output ?? seen.input } };
	}
	if (preview && !before) return { ...asked, id: "", outputs: seen };
	const fresh = make();
	const added = encode(fresh.outputs) as Wire;
	if (!preview || !before) return { ...asked, id: fresh.id, outputs: { ...added, ...seen } };
	// A preview of a change knows what stays as it was, and nothing else.
	const same = Object.entries(added).filter(([key, value]) => before.outputs[key] === value);
	const id = before.id === fresh.id ? fresh.id : "";
	return { ...asked, id, outputs: { ...Object.fromEntries(same), ...seen } };
}
