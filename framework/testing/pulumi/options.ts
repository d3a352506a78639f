import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb.js";
import type { ResourceOptions } from "./graph.ts";
import { aliasUrns } from "./urn.ts";
import { decode, type Surroundings } from "./wire.ts";

type Reference = Surroundings["reference"];

/** The options a program set on a resource; what it left to its default is left out. */
export function readOptions(request: RegisterResourceRequest, urn: string, around: Surroundings): ResourceOptions {
	const { reference } = around;
	const aliases = aliasUrns(request, urn, [request.getParent()]);
	const timeouts = Object.entries(request.getCustomtimeouts()?.toObject() ?? {}).filter(([, value]) => value !== "");
	const all: { [Key in keyof ResourceOptions]: ResourceOptions[Key] | undefined } = {
		protect: request.hasProtect() ? request.getProtect() : undefined,
		retainOnDelete: request.hasRetainondelete() ? request.getRetainondelete() : undefined,
		deleteBeforeReplace: request.getDeletebeforereplacedefined() ? request.getDeletebeforereplace() : undefined,
		ignoreChanges: someOf(request.getIgnorechangesList()),
		replaceOnChanges: someOf(request.getReplaceonchangesList()),
		replacementTrigger: request.hasReplacementTrigger()
			? decode(request.getReplacementTrigger()?.toJavaScript(), around)
			: undefined,
		hideDiffs: someOf(request.getHidediffsList()),
		additionalSecretOutputs: someOf(request.getAdditionalsecretoutputsList()),
		aliases: someOf(aliases),
		deletedWith: request.getDeletedwith() === "" ? undefined : reference(request.getDeletedwith()),
		provider: request.getProvider() === "" ? undefined : reference(withoutId(request.getProvider())),
		providers: providersOf(request, reference),
		version: request.getVersion() || undefined,
		import: request.getImportid() || undefined,
		customTimeouts: timeouts.length > 0 ? Object.fromEntries(timeouts) : undefined,
	};
	return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as ResourceOptions;
}

const someOf = (list: string[]): string[] | undefined => (list.length > 0 ? list : undefined);

function providersOf(request: RegisterResourceRequest, reference: Reference): Record<string, string> | undefined {
	const found: Record<string, string> = {};
	request.getProvidersMap().forEach((provider, name) => {
		found[name] = reference(withoutId(provider));
	});
	return Object.keys(found).length > 0 ? found : undefined;
}

/** A provider is named by its URN and its id. */
const withoutId = (provider: string): string => provider.split("::").slice(0, 4).join("::");
