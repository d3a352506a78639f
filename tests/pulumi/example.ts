import { fileURLToPath } from "node:url";
import { type Captured, type CaptureSettings, captureGraph } from "../../framework/testing/pulumi/capture.ts";
import { example } from "./example/store.ts";

/** The example as a project, for its host. */
export const folder = fileURLToPath(new URL("example", import.meta.url));

/** The example's program in this process. */
export function captureExample(settings: Partial<CaptureSettings> = {}, program = example): Promise<Captured> {
	return captureGraph(program, {
		project: "example",
		stack: "dev",
		config: { "aws:region": "eu-central-1", "example:greeting": "hello", "example:password": "hunter2" },
		secretKeys: ["example:password"],
		...settings,
	});
}
