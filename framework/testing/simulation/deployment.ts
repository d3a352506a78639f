import { definitions as kinds } from "../../../consumers/definitions.ts";
import { bind, bindManifest, type Manifest } from "../../contract/manifest.ts";
import type { PipelinePlan, PlannedFunction } from "../../plan/types.ts";
import { defineYaml } from "../compile-yaml.ts";
import type { Code } from "./code.ts";
import { definitionOf } from "./definition.ts";
import { createFunctionHost } from "./function-host.ts";
import { createMappingRun } from "./mapping-run.ts";
import type { DrawnConsumer, Fault, Scenario } from "./scenario.ts";
import type { World } from "./world.ts";

export const BINDINGS = { accountId: "123456789012", region: "eu-west-1" };

/** Faults that are a deployment. */
export type Redeployment = Extract<Fault, { kind: "change" | "join" | "leave" }>;

/** The pipeline as the planner compiles it. */
export function planOf(scenario: Scenario, consumers: readonly DrawnConsumer[], code: Code): PipelinePlan {
	const definition = definitionOf({ ...scenario, consumers: [...consumers] });
	const [pipeline] = code.compilePlan(defineYaml("orders", JSON.stringify(definition)), "prod", kinds).pipelines;
	if (!pipeline) throw new Error("There is no pipeline.");
	return pipeline;
}

/** Deploys the pipeline without the consumers that join later. */
export function deployFirst(world: World): void {
	const later = new Set(world.scenario.faults.flatMap((fault) => (fault.kind === "join" ? [fault.consumer] : [])));
	const consumers = world.scenario.consumers.filter(({ name }) => !later.has(name));
	deploy(world, consumers, 0);
}

/** Deploys it changed. */
export function redeploy(world: World, fault: Redeployment): void {
	const consumers = world.scenario.consumers.flatMap((one) => {
		if (one.name === fault.consumer && fault.kind === "leave") return [];
		if (one.name === fault.consumer && fault.kind === "change") return [{ ...one, when: fault.when }];
		return world.deployed.find(({ name }) => name === one.name) ?? (one.name === fault.consumer ? [one] : []);
	});
	deploy(world, consumers, fault.kind === "change" ? fault.filterDelay : 0, fault.consumer);
}

/** Functions that `touched` concerns get their new manifest, and their mapping its filters so much later. */
function deploy(world: World, consumers: DrawnConsumer[], filterDelay: number, touched?: string): void {
	const { scenario, code, scheduler, hosts, mappings } = world;
	world.deployed = consumers;
	const { functions } = planOf(scenario, consumers, code);
	for (const [id, mapping] of mappings) if (!functions.some((planned) => planned.id === id)) mapping.stop();
	for (const planned of functions) {
		const host = hosts.get(planned.id);
		const concerned = planned.id === touched || planned.role === "router";
		if (!host) start(world, planned);
		else if (concerned) {
			host.deploy(deployed(world, planned.manifest));
			const { filters } = bind(planned, BINDINGS);
			if (planned.id === touched) scheduler.after(filterDelay, () => mappings.get(planned.id)?.setFilters(filters));
		}
	}
}

function start(world: World, planned: PlannedFunction): void {
	const { id, timeoutSeconds, manifest } = planned;
	const host = createFunctionHost(world, { id, timeoutSeconds, manifest: deployed(world, manifest) });
	const stream = planned.source.type === "dynamodb" ? world.tableStream : world.fanOut;
	world.hosts.set(id, host);
	world.mappings.set(id, createMappingRun(world, bind(planned, BINDINGS), stream, host));
}

/** The manifest as deployed, with the fan-out's record limit scaled down to the run's. */
function deployed({ scenario: { maxRecordBytes } }: World, manifest: Manifest): Manifest {
	const bound = bindManifest(manifest, BINDINGS);
	return bound.forward ? { ...bound, forward: { ...bound.forward, maxRecordBytes } } : bound;
}
