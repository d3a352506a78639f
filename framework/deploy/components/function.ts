import type { LogGroup } from "@pulumi/aws/cloudwatch/logGroup.js";
import type { Role } from "@pulumi/aws/iam/role.js";
import type { EventSourceMapping } from "@pulumi/aws/lambda/eventSourceMapping.js";
import type { Function as LambdaFunction } from "@pulumi/aws/lambda/function.js";
import { asset, type Input, type Output, type Resource } from "@pulumi/pulumi";
import type { PlannedFunction } from "../../plan/types.ts";
import { Component, type Place } from "../component.ts";
import { makeMapping } from "../resources/mapping.ts";
import { policyDocument } from "../resources/policy.ts";

/** Lambda developer guide, "Lambda runtimes": the newest Node that is out of preview. Bundles are built for it. */
const RUNTIME = "nodejs24.x";
/** Lambda API reference, CreateFunction: Description. */
const LONGEST_DESCRIPTION = 256;

/**
 * Lambda alone. It takes no role of another account (Lambda developer guide, "Execution role"; IAM user guide, "iam:PassRole"), and does not document `aws:SourceAccount`
 * for its execution roles: a condition on what its pollers may not send would stop every mapping.
 */
const TRUST_POLICY = JSON.stringify({
	Version: "2012-10-17",
	Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
});

/** What a function reads: a stream, of a table or of Kinesis, or its own registration there. */
export interface FunctionSource {
	arn: Input<string>;
	/** Of a table's stream: changes when another stream takes its place. */
	version?: Input<string>;
	/** Whether another one loses events: DynamoDB ends a table's stream before it begins the next, and what is written between is in neither. */
	irreplaceable: boolean;
}

/** What a function stands among. */
export interface Surroundings {
	/** The ARN of one of the pipeline's resources, by its id in the plan. */
	arnOf(resource: string): Input<string>;
	source: FunctionSource;
	/** A bucket of the environment, by its physical name. */
	bucketArn(name: string): Output<string>;
	/** What must be there before records move. */
	readyFirst: Resource[];
}

/** One function of a pipeline: its role, its log group, its code, and the mapping that feeds it. */
export class PipelineFunction extends Component {
	readonly lambda: LambdaFunction;
	readonly mapping: EventSourceMapping;

	constructor(place: Place, planned: PlannedFunction, surroundings: Surroundings) {
		super("tributary:index:Function", place);
		const role = this.makeRole(planned);
		const policy = this.make({
			type: "aws:iam/rolePolicy:RolePolicy",
			id: planned.id,
			name: "-policy",
			args: {
				name: "tributary",
				role: role.name,
				policy: policyDocument(planned.statements, surroundings.arnOf, this.settings),
			},
		});
		const logs = this.makeLogs(planned);
		this.lambda = this.makeLambda(planned, role, logs, [policy]);
		const readyFirst = [policy, ...surroundings.readyFirst];
		this.mapping = makeMapping(this, planned, this.lambda, { ...surroundings, readyFirst });
		this.registerOutputs({ name: this.lambda.name, arn: this.lambda.arn });
	}

	private makeRole({ id, name, why }: PlannedFunction): Role {
		return this.make({
			type: "aws:iam/role:Role",
			id,
			name: "-role",
			args: { name, description: shorten(why), assumeRolePolicy: TRUST_POLICY, tags: this.tags() },
		});
	}

	/** Made before the function, which would otherwise make one itself that keeps everything for ever. */
	private makeLogs({ id, name }: PlannedFunction): LogGroup {
		const { logRetentionDays } = this.settings;
		return this.make({
			type: "aws:cloudwatch/logGroup:LogGroup",
			id,
			name: "-logs",
			args: { name: `/aws/lambda/${name}`, retentionInDays: logRetentionDays, tags: this.tags() },
		});
	}

	private makeLambda(planned: PlannedFunction, role: Role, logs: LogGroup, dependsOn: Resource[]): LambdaFunction {
		const { id, name, why, memoryMb, timeoutSeconds, reservedConcurrency } = planned;
		return this.make({
			type: "aws:lambda/function:Function",
			id,
			name: "-lambda",
			args: {
				name,
				description: shorten(why),
				role: role.arn,
				runtime: RUNTIME,
				architectures: ["arm64"],
				handler: "index.handler",
				code: new asset.AssetArchive({
					"index.mjs": this.settings.code(planned),
					"manifest.json": new asset.StringAsset(JSON.stringify(planned.manifest)),
				}),
				memorySize: memoryMb,
				timeout: timeoutSeconds,
				...(reservedConcurrency !== null && { reservedConcurrentExecutions: reservedConcurrency }),
				loggingConfig: { logFormat: "JSON", logGroup: logs.name },
				tags: this.tags(),
			},
			options: { dependsOn },
		});
	}
}

const shorten = (text: string): string =>
	text.length <= LONGEST_DESCRIPTION ? text : `${text.slice(0, LONGEST_DESCRIPTION - 1)}…`;
