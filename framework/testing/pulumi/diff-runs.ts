import { assetOf, type Graph, type GraphResource, isObject, isSecret, referenceOf, type Value } from "./graph.ts";

export interface Change {
	/** `type name` */
	resource: string;
	/** `filterCriteria.filters[0].pattern`; an option is below `options`. */
	path: string;
	/** As text: JSON, an asset's hash, nothing of a secret. Null: not there. */
	before: string | null;
	after: string | null;
}

export interface RunDifference {
	added: string[];
	removed: string[];
	changed: Change[];
}

type HasGraph = Readonly<{ graph: Graph }>;

/** A resource of both runs: the same URN, or one that an alias of the later one names. */
export interface Pair {
	before: GraphResource;
	after: GraphResource;
}

/** What a second run asks for that the first did not: inputs, options and contents of assets, wherever their files lie. */
export function diffRuns(first: HasGraph, second: HasGraph): RunDifference {
	const pairs = pairsOf(first.graph, second.graph);
	const [kept, met] = [new Set(pairs.map(({ before }) => before)), new Set(pairs.map(({ after }) => after))];
	return {
		added: second.graph.resources.filter((resource) => !met.has(resource)).map(referenceOf),
		removed: first.graph.resources.filter((resource) => !kept.has(resource)).map(referenceOf),
		changed: pairs.flatMap(changesOf),
	};
}

/** Sorted by type and name: the order of registration is an accident. */
export function pairsOf(first: Graph, second: Graph): Pair[] {
	const byUrn = new Map(first.resources.map((resource) => [resource.urn, resource]));
	const pairs = second.resources.flatMap((after) => {
		const urns = [after.urn, ...(after.options.aliases ?? [])];
		const before = urns.flatMap((urn) => byUrn.get(urn) ?? [])[0];
		return before ? [{ before, after }] : [];
	});
	return pairs.sort((one, other) => (referenceOf(one.after) < referenceOf(other.after) ? -1 : 1));
}

export function changesOf({ before, after }: Pair): Change[] {
	const [old, now] = [leavesOf(before), leavesOf(after)];
	const paths = [...new Set([...old.keys(), ...now.keys()])].sort();
	return paths
		.filter((path) => old.get(path)?.exact !== now.get(path)?.exact)
		.map((path) => ({
			resource: referenceOf(after),
			path,
			before: old.get(path)?.shown ?? null,
			after: now.get(path)?.shown ?? null,
		}));
}

interface Leaf {
	exact: string;
	shown: string;
}

function leavesOf({ inputs, options }: GraphResource): Map<string, Leaf> {
	const { aliases: _, version: __, ...held } = options;
	const leaves = new Map<string, Leaf>();
	for (const [name, value] of Object.entries(inputs)) collect(value, name, leaves);
	for (const [name, value] of Object.entries(held)) collect(value, `options.${name}`, leaves);
	return leaves;
}

function collect(value: Value, path: string, leaves: Map<string, Leaf>): void {
	const asset = assetOf(value);
	if (asset) leaves.set(path, { exact: asset.hash, shown: `${asset.kind} ${asset.hash}` });
	else if (isSecret(value)) leaves.set(path, { exact: JSON.stringify(value), shown: "(secret)" });
	else if (Array.isArray(value) && value.length > 0)
		value.forEach((member, index) => {
			collect(member, `${path}[${index}]`, leaves);
		});
	else if (isObject(value) && Object.keys(value).length > 0)
		for (const [key, member] of Object.entries(value)) collect(member as Value, `${path}.${key}`, leaves);
	else leaves.set(path, { exact: JSON.stringify(value), shown: JSON.stringify(value) });
}
