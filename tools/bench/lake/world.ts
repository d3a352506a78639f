import { join } from "node:path";
import { loadPlan } from "../../../framework/cli/project.ts";
import { bind } from "../../../framework/contract/manifest.ts";
import type { LakePlace } from "../../../framework/lake/place.ts";
import { connect, disconnect } from "../../../framework/local/clients.ts";
import { systemClock } from "../../../framework/local/clock.ts";
import { announceEndpoint, openDataDir } from "../../../framework/local/data-dir.ts";
import { createGate } from "../../../framework/local/functions/gate.ts";
import { provision } from "../../../framework/local/provision.ts";
import { startServices, takePort } from "../../../framework/local/services.ts";
import { createProject } from "../../../framework/testing/run-cli.ts";
import { type Called, createCalled } from "./called.ts";

/** Pipelines, whose lakes differ in their size alone. */
export const PIPELINES = ["large", "small"] as const;
export const CONSUMER = "copies";

const definition = (name: string): string => `
name: ${name}
table: { keys: { partition: { name: orderId, type: S } }, viewType: NEW_AND_OLD_IMAGES }
consumers: [{ name: ${CONSUMER}, kind: s3, with: { content: record } }]
`;

/** A project with a data folder that `pipeline dev` seems to run on: what commands find are the embedded services and one function. */
export interface BenchWorld {
	root: string;
	endpoint: string;
	functionName: string;
	called: Called;
	placeOf(pipeline: string): LakePlace;
	/** Where a lake bucket lies as plain files. */
	folder: string;
	close(): Promise<void>;
}

export async function startWorld(): Promise<BenchWorld> {
	const project = createProject(
		Object.fromEntries(PIPELINES.map((name) => [`pipelines/${name}.yaml`, definition(name)])),
	);
	const plan = await loadPlan({ cwd: project.root, stderr: (text: string) => process.stderr.write(text) } as never, {});
	if (plan === null) throw new Error("the project has problems");
	const dataDir = join(project.root, ".tributary", "dev");
	const folder = openDataDir(dataDir);
	const services = await startServices({ dataDir, port: await takePort(0), clock: systemClock });
	const { endpoint, bindings } = services;
	announceEndpoint(dataDir, endpoint);
	const clients = connect(services);
	const resources = bind([...plan.resources, ...plan.pipelines.flatMap((each) => each.resources)], bindings);
	await provision(clients, resources);
	const called = createCalled();
	const consumers = plan.pipelines.flatMap(({ functions }) => functions.filter(({ id }) => id === CONSUMER));
	const names = consumers.map(({ name }) => bind(name, bindings));
	services.serveFunctions(
		names.map((name) => ({
			name,
			arn: `arn:aws:lambda:${bindings.region}:${bindings.accountId}:function:${name}`,
			function: called.function,
			mapping: { id: name, eventSourceArn: "", batchSize: 1, gate: createGate() },
		})),
	);
	const bucket = resources.find((each) => each.type === "AWS::S3::Bucket" && each.id === "lake")?.name ?? "";
	return {
		root: project.root,
		endpoint,
		functionName: names[0] ?? "",
		called,
		placeOf: (pipeline) => ({ s3: clients.s3, bucket, pipeline }),
		folder: join(services.files.objects, bucket),
		async close() {
			disconnect(clients);
			await services.close();
			folder.release();
			project.remove();
		},
	};
}
