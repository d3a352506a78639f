import { dynamodb, iam, lambda, Provider } from "@pulumi/aws";
import { asset, ComponentResource, type ComponentResourceOptions, Config, type Output, secret } from "@pulumi/pulumi";

/** A table whose changes reach a function: a few real resources below a component. */
export class Store extends ComponentResource {
	readonly table: dynamodb.Table;
	readonly mapping: lambda.EventSourceMapping;

	constructor(name: string, password: Output<string>, options: ComponentResourceOptions = {}) {
		super("example:index:Store", name, {}, options);
		const child = { parent: this };
		this.table = new dynamodb.Table(
			`${name}-table`,
			{
				name: `${name}-table`,
				billingMode: "PAY_PER_REQUEST",
				hashKey: "id",
				attributes: [{ name: "id", type: "S" }],
				streamEnabled: true,
				streamViewType: "NEW_IMAGE",
			},
			{ ...child, protect: true, retainOnDelete: true },
		);
		const role = new iam.Role(
			`${name}-role`,
			{ assumeRolePolicy: iam.assumeRolePolicyForPrincipal({ Service: "lambda.amazonaws.com" }) },
			child,
		);
		const code = new asset.AssetArchive({
			"index.mjs": new asset.StringAsset("export const handler = async () => {};\n"),
			"package.json": new asset.FileAsset(new URL("package.txt", import.meta.url).pathname),
		});
		const handler = new lambda.Function(
			`${name}-function`,
			{
				code,
				role: role.arn,
				runtime: "nodejs24.x",
				handler: "index.handler",
				environment: { variables: { TABLE: this.table.name, PASSWORD: password } },
			},
			child,
		);
		this.mapping = new lambda.EventSourceMapping(
			`${name}-mapping`,
			{
				eventSourceArn: this.table.streamArn,
				functionName: handler.name,
				startingPosition: "TRIM_HORIZON",
				filterCriteria: { filters: [{ pattern: JSON.stringify({ eventName: ["INSERT"] }) }] },
			},
			{ ...child, dependsOn: [role] },
		);
		this.registerOutputs({ tableName: this.table.name });
	}
}

/** What the example's stack holds. Answers its outputs. */
export async function example(): Promise<Record<string, unknown>> {
	const config = new Config();
	const provider = new Provider("elsewhere", { region: "us-west-2" });
	const store = new Store("orders", config.requireSecret("password"), {
		aliases: [{ name: "purchases" }],
		providers: [provider],
	});
	return {
		streamArn: store.table.streamArn,
		mappingId: store.mapping.id,
		greeting: config.require("greeting"),
		hidden: secret("a secret output"),
	};
}
