import { relative } from "node:path";
import { Document, isCollection, visit } from "yaml";
import {
	type AssetValue,
	assetOf,
	type Graph,
	type GraphResource,
	isObject,
	isSecret,
	isUnknown,
	referenceOf,
	type Value,
} from "./graph.ts";

export interface RenderSettings {
	/** Files are named relative to it. */
	root: string;
	/** Contents of assets by their hash. Off by default: a golden file need not change with every line of code. */
	hashes?: boolean;
}

/** What fits is on one line: a golden file is read, and shorter is read sooner. */
const LINE = 110;

/**
 * A graph as YAML for a golden file: sorted, so that neither the order of registration nor of keys shows; texts that are
 * JSON written out; secrets hidden. The provider's version, which is the lock file's, is left out, and so are its own aliases.
 */
export function renderGraph(graph: Graph, settings: RenderSettings): string {
	const resources = [...graph.resources].sort((one, other) => (referenceOf(one) < referenceOf(other) ? -1 : 1));
	const document = {
		resources: Object.fromEntries(resources.map((resource) => [referenceOf(resource), shown(resource, settings)])),
		...(graph.invokes.length > 0 && {
			invokes: graph.invokes.map(({ token, args }) => ({ [token]: render(args, settings) })),
		}),
		...(graph.reads.length > 0 && { reads: graph.reads }),
		outputs: render(graph.outputs, settings),
	};
	return print(document);
}

function print(value: unknown): string {
	const document = new Document(value, { aliasDuplicateObjects: false, sortMapEntries: false });
	visit(document, {
		Collection: (_, node, path) => {
			// Each resource and each of its sections begins a line of its own.
			const depth = path.filter(isCollection).length;
			if (depth >= 2 && 2 * depth + JSON.stringify(node.toJS(document)).length <= LINE) node.flow = true;
		},
	});
	return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

function shown(resource: GraphResource, settings: RenderSettings): Record<string, unknown> {
	const { version: _, additionalSecretOutputs: __, aliases, ...others } = resource.options;
	const own = aliases?.filter((urn) => !resource.custom || urn.includes(`${resource.type}::`)) ?? [];
	const options = { ...others, ...(own.length > 0 && { aliases: own }) };
	return {
		...(resource.parent && { parent: resource.parent }),
		...(Object.keys(options).length > 0 && { options: render(options as Record<string, Value>, settings) }),
		...(Object.keys(resource.inputs).length > 0 && { inputs: render(resource.inputs, settings) }),
		...(Object.keys(resource.propertyDependencies).length > 0 && {
			madeOf: render(resource.propertyDependencies, settings),
		}),
	};
}

function render(value: Value, settings: RenderSettings): unknown {
	if (Array.isArray(value)) return value.map((member) => render(member, settings));
	if (typeof value === "string") return renderText(value, settings);
	if (!isObject(value)) return value;
	if (isSecret(value)) return "(secret)";
	if (isUnknown(value)) return "(unknown)";
	const asset = assetOf(value);
	if (asset) return renderAsset(asset, settings);
	const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
	return Object.fromEntries(entries.map(([key, member]) => [key, render(member as Value, settings)]));
}

/** A policy, a filter or a dashboard is a text that holds JSON: written out, its lines can be read and compared. */
function renderText(text: string, settings: RenderSettings): unknown {
	if (!/^\s*[[{]/.test(text)) return text;
	try {
		return { "(json)": render(JSON.parse(text) as Value, settings) };
	} catch {
		return text;
	}
}

function renderAsset(asset: AssetValue, settings: RenderSettings): unknown {
	const { kind, file, hash, entries } = asset;
	const content = settings.hashes ? ` ${hash}` : "";
	if (entries) {
		const sorted = Object.entries(entries).sort(([one], [other]) => (one < other ? -1 : 1));
		return { [`(${kind})`]: Object.fromEntries(sorted.map(([name, entry]) => [name, renderAsset(entry, settings)])) };
	}
	const place = file === null ? "text" : relative(settings.root, file).replaceAll("\\", "/");
	// What lies outside the project lies somewhere else on every machine.
	return `(${kind}) ${place.startsWith("..") ? "file" : place}${content}`;
}
