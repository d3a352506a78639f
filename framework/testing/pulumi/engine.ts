import { realpathSync } from "node:fs";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb.js";
import resourceMessages from "@pulumi/pulumi/proto/resource_pb.js";
import structMessages from "google-protobuf/google/protobuf/struct_pb.js";
import { type Graph, type GraphResource, referenceOf, reveal, type Value } from "./graph.ts";
import { accountAnswers, imagine, type Made, type Place } from "./imagined-aws.ts";
import { readOptions } from "./options.ts";
import { type State, type StateEntry, settle, withoutIgnored } from "./settle.ts";
import { aliasUrns, STACK_TYPE, urnOf, urnParts } from "./urn.ts";
import { decodeMembers, encode, type Surroundings } from "./wire.ts";

const { Struct } = structMessages;

/** What the test says AWS answers. Throw to fail the call, with the provider's message. */
export type Answer = (args: Record<string, Value>) => Record<string, unknown>;

export interface EngineSettings {
	project: string;
	stack: string;
	/** Nothing is made: ids and outputs that only AWS can know are unknown. */
	preview?: boolean;
	/** The default provider's; `eu-west-1` if none is given. */
	region?: string;
	accountId?: string;
	/** By token: data sources (`aws:dynamodb/getTable:getTable`), and resources read by id (`aws:dynamodb/table:Table`, given `{id}`). */
	answers?: Readonly<Record<string, Answer>>;
	/** Outputs of a resource beside, or instead of, the imagined ones. Secrets in the inputs are laid open. */
	outputs?: (resource: { type: string; name: string; inputs: Record<string, Value> }) => Record<string, unknown>;
	/** The state an earlier run left. */
	state?: State;
	/** Where the program runs; this process's own folder if it is not said. */
	workingDirectory?: string;
}

/**
 * An engine with an imagined AWS: registers what a program asks for, answers as the provider would, remembers all of it.
 * It runs the program's side of a deployment only: it diffs nothing, deletes nothing, and refuses what it cannot do
 * (transforms, hooks, remote components) instead of leaving it out.
 */
export class Engine {
	readonly graph: Graph;
	readonly #settings: EngineSettings;
	readonly #place: Place;
	readonly #made = new Map<string, StateEntry>();
	readonly #urnsWithAliases = new Map<string, string[]>();
	readonly #regions = new Map<string, string>();
	readonly #reference = (urn: string): string => referenceOf(urnParts(urn));
	readonly #around: Surroundings;
	#root = "";

	constructor(settings: EngineSettings) {
		this.#settings = settings;
		// As the program sees it: from a folder behind a link, `..` leads to the parent of what the link names.
		const workingDirectory = realpathSync(settings.workingDirectory ?? process.cwd());
		this.#around = { reference: this.#reference, workingDirectory };
		this.#place = {
			partition: "aws",
			region: settings.region ?? "eu-west-1",
			accountId: settings.accountId ?? "123456789012",
		};
		const { project, stack } = settings;
		this.graph = { project, stack, resources: [], invokes: [], reads: [], outputs: {} };
	}

	/** The URN of the stack itself, once it is registered. */
	get root(): string {
		return this.#root;
	}

	/** What this run leaves for the next. */
	get state(): State {
		return Object.fromEntries(this.#made);
	}

	registerResource(request: RegisterResourceRequest): resourceMessages.RegisterResourceResponse {
		refuse(request);
		const [type, name, parent] = [request.getType(), request.getName(), request.getParent()];
		const urn = urnOf(this.#settings, parent, type, name);
		if (this.#made.has(urn)) throw new Error(`Duplicate resource URN '${urn}'; try giving it a unique name`);
		this.#urnsWithAliases.set(urn, [urn, ...aliasUrns(request, urn, this.#urnsWithAliases.get(parent) ?? [parent])]);
		const options = readOptions(request, urn, this.#around);
		const before = this.#urnsWithAliases.get(urn)?.flatMap((known) => this.#settings.state?.[known] ?? [])[0];
		const given = (request.getObject()?.toJavaScript() ?? {}) as Record<string, unknown>;
		const wire = withoutIgnored(given, options.ignoreChanges ?? [], before);
		const inputs = decodeMembers(wire, this.#around);
		const region = this.#regionOf(urn, inputs, request.getProvider());
		const entry = request.getCustom()
			? settle({ type, wire, inputs, before }, this.#settings.preview ?? false, () => this.#make(urn, inputs, region))
			: { id: "", wire: {}, inputs: "", outputs: wire };
		this.#made.set(urn, entry);
		if (type === STACK_TYPE) this.#root = urn;
		else this.graph.resources.push(this.#describe(request, urn, inputs, options, entry));
		const response = new resourceMessages.RegisterResourceResponse();
		response.setUrn(urn);
		response.setId(entry.id);
		response.setObject(Struct.fromJavaScript(entry.outputs as never));
		return response;
	}

	registerResourceOutputs(request: resourceMessages.RegisterResourceOutputsRequest): void {
		const wire = (request.getOutputs()?.toJavaScript() ?? {}) as Record<string, unknown>;
		const outputs = decodeMembers(wire, this.#around);
		if (request.getUrn() === this.#root) this.graph.outputs = outputs;
		const resource = this.graph.resources.find(({ urn }) => urn === request.getUrn());
		if (resource) resource.outputs = outputs;
	}

	invoke(request: resourceMessages.ResourceInvokeRequest): resourceMessages.ResourceInvokeResponse {
		const token = request.getTok();
		const args = decodeMembers((request.getArgs()?.toJavaScript() ?? {}) as never, this.#around);
		this.graph.invokes.push({ token, args });
		const response = new resourceMessages.ResourceInvokeResponse();
		response.setReturn(Struct.fromJavaScript(encode(this.#answer(token, args)) as never));
		return response;
	}

	readResource(request: resourceMessages.ReadResourceRequest): resourceMessages.ReadResourceResponse {
		const [type, name, id] = [request.getType(), request.getName(), request.getId()];
		this.graph.reads.push({ type, name, id });
		const response = new resourceMessages.ReadResourceResponse();
		response.setUrn(urnOf(this.#settings, request.getParent(), type, name));
		response.setProperties(Struct.fromJavaScript(encode(this.#answer(type, { id })) as never));
		return response;
	}

	#answer(token: string, args: Record<string, Value>): Record<string, unknown> {
		const answer = this.#settings.answers?.[token] ?? accountAnswers(this.#place)[token];
		if (!answer) throw new Error(`The test gives no answer to ${token} ${JSON.stringify(args)}.`);
		return answer(args);
	}

	#make(urn: string, inputs: Record<string, Value>, region: string): Made {
		const { type, name } = urnParts(urn);
		const plain = reveal(inputs) as Record<string, Value>;
		const made = imagine(urn, type, name, plain, { ...this.#place, region });
		const given = this.#settings.outputs?.({ type, name, inputs: plain }) ?? {};
		return { id: made.id, outputs: { ...made.outputs, ...given } as Record<string, Value> };
	}

	/** A resource's own region, else its provider's, else the stack's. */
	#regionOf(urn: string, inputs: Record<string, Value>, provider: string): string {
		const own = typeof inputs.region === "string" ? inputs.region : undefined;
		const region = own ?? this.#regions.get(provider.split("::").slice(0, 4).join("::")) ?? this.#place.region;
		this.#regions.set(urn, region);
		return region;
	}

	#describe(
		request: RegisterResourceRequest,
		urn: string,
		inputs: Record<string, Value>,
		options: GraphResource["options"],
		{ id, outputs }: StateEntry,
	): GraphResource {
		const parent = request.getParent();
		const propertyDependencies = propertyDependenciesOf(request, this.#reference);
		const dependencies = [...new Set(request.getDependenciesList().map(this.#reference))].sort();
		const named = new Set(Object.values(propertyDependencies).flat());
		const dependsOn = dependencies.filter((reference) => !named.has(reference));
		return {
			urn,
			type: request.getType(),
			name: request.getName(),
			parent: parent === "" || parent === this.#root ? null : this.#reference(parent),
			custom: request.getCustom(),
			id,
			inputs,
			outputs: request.getCustom() ? decodeMembers(outputs, this.#around) : {},
			options: dependsOn.length > 0 ? { ...options, dependsOn } : options,
			propertyDependencies,
			dependencies,
		};
	}
}

function propertyDependenciesOf(
	request: RegisterResourceRequest,
	reference: (urn: string) => string,
): Record<string, string[]> {
	const found: Record<string, string[]> = {};
	request.getPropertydependenciesMap().forEach((value, property) => {
		const references = value.getUrnsList().map(reference).sort();
		if (references.length > 0) found[property] = references;
	});
	return found;
}

/** What this engine does not do, it does not leave out in silence. */
function refuse(request: RegisterResourceRequest): void {
	const asked = [
		[request.getRemote(), "a remote component"],
		[request.getTransformsList().length > 0, "transforms"],
		[request.getStateMigrationsList().length > 0, "state migrations"],
		[Object.values(request.getHooks()?.toObject() ?? {}).flat().length > 0, "hooks"],
	];
	for (const [, what] of asked.filter(([is]) => is))
		throw new Error(`${request.getType()} ${request.getName()} asks for ${what}, which the test engine does not do.`);
}
