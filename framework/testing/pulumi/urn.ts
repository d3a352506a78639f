import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb.js";

export const STACK_TYPE = "pulumi:pulumi:Stack";

export interface UrnParts {
	project: string;
	stack: string;
	/** The types of all parents but the stack and its own, joined by `$`. */
	qualifiedType: string;
	type: string;
	name: string;
}

/** `urn:pulumi:<stack>::<project>::<parent type>$<type>::<name>` */
export function urnParts(urn: string): UrnParts {
	const [prefix = "", project = "", qualifiedType = "", ...name] = urn.split("::");
	return {
		project,
		stack: prefix.slice("urn:pulumi:".length),
		qualifiedType,
		type: qualifiedType.split("$").at(-1) ?? "",
		name: name.join("::"),
	};
}

/** The URN as the engine makes it: the stack does not count as a parent in it. */
export function urnOf(
	{ project, stack }: { project: string; stack: string },
	parent: string,
	type: string,
	name: string,
): string {
	const above = parent === "" ? "" : urnParts(parent).qualifiedType;
	const qualified = above === "" || above === STACK_TYPE ? type : `${above}$${type}`;
	return `urn:pulumi:${stack}::${project}::${qualified}::${name}`;
}

/**
 * Other URNs under which an earlier run may have left the resource: its own aliases, and those that its parent's bring.
 * `parentUrns`: the parent's URN and then its aliases.
 */
export function aliasUrns(request: RegisterResourceRequest, urn: string, parentUrns: readonly string[]): string[] {
	const { type, name } = urnParts(urn);
	const own = request.getAliasesList().flatMap((alias) => {
		if (alias.getUrn() !== "") return [alias.getUrn()];
		const spec = alias.getSpec();
		if (!spec) return [];
		const place = { project: spec.getProject(), stack: spec.getStack() };
		const parents = spec.getNoparent() ? [""] : spec.getParenturn() !== "" ? [spec.getParenturn()] : parentUrns;
		return parents.map((parent) => urnOf(fill(place, urn), parent, spec.getType() || type, spec.getName() || name));
	});
	const inherited = parentUrns.slice(1).map((parent) => urnOf(urnParts(urn), parent, type, name));
	return [...own, ...inherited];
}

function fill(place: { project: string; stack: string }, urn: string): { project: string; stack: string } {
	const { project, stack } = urnParts(urn);
	return { project: place.project || project, stack: place.stack || stack };
}
