import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { deploy } from "../../framework/deploy/deploy.ts";
import type { Hooks } from "../../framework/deploy/hooks.ts";
import type { Settings } from "../../framework/deploy/settings.ts";
import type { Plan } from "../../framework/plan/types.ts";
import { planYaml } from "../../framework/testing/compile-yaml.ts";
import { deploySettings } from "../../framework/testing/deploy-settings.ts";
import { type Captured, type CaptureSettings, captureGraph } from "../../framework/testing/pulumi/capture.ts";

export const goldenFolder = fileURLToPath(new URL("../golden/valid", import.meta.url));

/** The plan of a golden definition, with some of its text replaced. */
export function goldenPlan(name: string, ...changes: [from: string, to: string][]): Plan {
	let yaml = readFileSync(`${goldenFolder}/${name}/${name}.yaml`, "utf8");
	for (const [from, to] of changes) {
		if (!yaml.includes(from)) throw new Error(`${name}.yaml does not hold ${JSON.stringify(from)}`);
		yaml = yaml.replace(from, to);
	}
	return planYaml(name, yaml);
}

/** What a plan takes for granted, found as it has it. */
function found(plan: Plan): Pick<Settings, "tables" | "keys"> {
	const tables = plan.pipelines.flatMap(({ resources }) =>
		resources.flatMap((resource) => (resource.type === "AWS::DynamoDB::Table" ? [resource] : [])),
	);
	const inStatements = plan.pipelines.flatMap(({ functions }) =>
		functions.flatMap(({ statements }) =>
			statements.flatMap(({ resources }) =>
				resources.flatMap((each) => (typeof each === "object" && "kmsKey" in each ? [each.kmsKey] : [])),
			),
		),
	);
	const inTables = tables.flatMap(({ properties: { kmsKey } }) => kmsKey ?? []);
	const key = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
	const adopted = tables.filter(({ properties }) => properties.existing);
	const arn = (name: string) => `arn:aws:dynamodb:eu-west-1:123456789012:table/${name}`;
	return {
		tables: new Map(
			adopted.map(({ name }) => [
				name,
				{ arn: arn(name), streamArn: `${arn(name)}/stream/2025-06-01T00:00:00.000`, kmsKeyArn: null },
			]),
		),
		keys: new Map([...inTables, ...inStatements].map((name) => [name, key])),
	};
}

interface Run {
	settings?: Partial<Settings>;
	hooks?: Hooks;
	engine?: Partial<CaptureSettings>;
}

/** What the engine is asked for when a plan is deployed. */
export function captureDeployment(plan: Plan, { settings, hooks, engine }: Run = {}): Promise<Captured> {
	return captureGraph(() => ({ ...deploy(plan, deploySettings({ ...found(plan), ...settings }), hooks) }), {
		project: "tributary",
		stack: plan.environment,
		...engine,
	});
}
