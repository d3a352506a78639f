import { getStack, requirePulumiVersion, runtime } from "@pulumi/pulumi";
import { deploy, type Outputs } from "./deploy.ts";
import { prepare } from "./prepare.ts";
import { withoutStack } from "./refusal.ts";

/** The first engine that has `Stash` and `replacementTrigger`. */
const ENGINE = ">=3.208.0";

/** The Pulumi program: the definitions of the stack's environment become resources. What it answers are the stack's outputs. */
export default function program(): Promise<Outputs> {
	return withoutStack(async () => {
		await requirePulumiVersion(ENGINE);
		const { plan, settings, hooks } = await prepare({
			root: runtime.getRootDirectory(),
			name: getStack(),
			configuration: runtime.allConfig(),
			startedAt: new Date().toISOString(),
		});
		return deploy(plan, settings, hooks);
	});
}
