import { join, resolve } from "node:path";
import { S3Client } from "@aws-sdk/client-s3";
import { type Bindings, bind } from "../contract/manifest.ts";
import type { LakePlace } from "../lake/place.ts";
import { attach } from "../local/attach.ts";
import { LOCAL_CLIENT } from "../local/local-client.ts";
import type { PipelinePlan, Plan } from "../plan/types.ts";
import { findProjectRoot } from "../project/root.ts";
import type { Origin } from "../runtime/change.ts";
import { type Arguments, type CommandOption, type Io, UsageError } from "./command.ts";
import { loadPlan } from "./project.ts";

/** Options of every command that works on an environment's data. */
export const CONNECT_OPTIONS = {
	env: { type: "string", value: "E", help: "Environment (local)" },
	data: { type: "string", value: "DIR", help: "Data folder of the local run (.tributary/dev)" },
} as const satisfies Record<string, CommandOption>;

/** An environment that can be worked on: the local run's services, or AWS. */
export interface Connection {
	plan: Plan;
	bindings: Bindings;
	/** Of every AWS SDK client. Empty on AWS: credentials and region come from where the SDK finds them. */
	client: ClientConfiguration;
	/** Locally: whether `pipeline dev` runs on the data folder. On AWS: true. */
	running: boolean;
	s3: S3Client;
	close(): Promise<void>;
}

export interface ClientConfiguration {
	endpoint?: string;
	region?: string;
	credentials?: { accessKeyId: string; secretAccessKey: string };
}

/** Connects to an environment of the project; null if definitions have errors, which are printed then. */
export async function connect(args: Arguments, io: Io, names: readonly string[] = []): Promise<Connection | null> {
	const env = args.option("env") ?? "local";
	const plan = await loadPlan(io, { env, names });
	if (plan === null) return null;
	if (env === "local") return connectLocally(plan, args, io);
	if (args.option("data") !== undefined) throw new UsageError("--data is for the environment local only.");
	return connectToAws(plan, io);
}

async function connectLocally(plan: Plan, args: Arguments, io: Io): Promise<Connection> {
	const data = args.option("data");
	const dataDir = data === undefined ? join(findProjectRoot(io.cwd), ".tributary", "dev") : resolve(io.cwd, data);
	const attached = await attach(dataDir);
	const { endpoint, bindings, running } = attached;
	const client = { ...LOCAL_CLIENT, endpoint, region: bindings.region };
	const s3 = new S3Client({ ...client, forcePathStyle: true });
	const close = async (): Promise<void> => {
		s3.destroy();
		await attached.close();
	};
	return { plan, bindings, client, running, s3, close };
}

/** Names of buckets hold the account and the region: both are asked for, never guessed. */
async function connectToAws(plan: Plan, io: Io): Promise<Connection> {
	const { STSClient, GetCallerIdentityCommand } = await import("@aws-sdk/client-sts");
	const sts = new STSClient({});
	try {
		const region = await sts.config.region();
		const { Account } = await sts.send(new GetCallerIdentityCommand({}), { abortSignal: io.signal });
		const s3 = new S3Client({});
		const bindings = { accountId: Account ?? "", region };
		return { plan, bindings, client: {}, running: true, s3, close: async () => s3.destroy() };
	} catch (error) {
		throw new UsageError(
			`AWS cannot be reached for the environment ${plan.environment}: ${(error as Error).message.replace(/\.?$/, ".")} Set AWS_REGION and credentials (AWS_PROFILE, or \`aws sso login\`).`,
		);
	} finally {
		sts.destroy();
	}
}

/** The lake of a pipeline. Throws UsageError if it has none. */
export function lakeOf({ plan, bindings, s3 }: Connection, name: string): LakePlace {
	const pipeline = pipelineOf(plan, name);
	const lake = pipeline.functions.find(({ manifest }) => manifest.lake !== null)?.manifest.lake;
	if (!lake)
		throw new UsageError(
			`The pipeline ${name} has no lake in the environment ${plan.environment}: \`lake: { enabled: false }\`.`,
		);
	return { s3, bucket: bind(lake.bucket, bindings), pipeline: name };
}

/** Where a pipeline's changes come from, as its functions tell consumers. */
export function originOf({ plan, bindings }: Connection, name: string): Origin {
	const manifest = pipelineOf(plan, name).functions[0]?.manifest;
	if (!manifest) throw new Error(`the plan of ${name} has no function`);
	return { environment: plan.environment, pipeline: name, region: bindings.region, keys: manifest.table.keys };
}

/** A pipeline of the plan; `connect` has checked its name already. */
export function pipelineOf(plan: Plan, name: string): PipelinePlan {
	const pipeline = plan.pipelines.find((each) => each.name === name);
	if (!pipeline) throw new UsageError(`There is no pipeline "${name}" in the environment ${plan.environment}.`);
	return pipeline;
}
