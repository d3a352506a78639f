import { runtime } from "@pulumi/pulumi";
import { runInPulumiStack } from "@pulumi/pulumi/runtime/stack.js";
import { Engine, type EngineSettings } from "./engine.ts";
import type { Graph } from "./graph.ts";
import { asClient, monitorMethods } from "./services.ts";
import type { State } from "./settle.ts";

export interface CaptureSettings extends EngineSettings {
	/** As the program reads it: `aws:region`, `tributary:namePrefix`. */
	config?: Readonly<Record<string, string>>;
	/** Keys of `config` that are secret. */
	secretKeys?: readonly string[];
	/** How many frames an error's stack keeps; the SDK takes one for each resource, most of a capture's time. */
	stackFrames?: number;
}

export interface Captured {
	graph: Graph;
	state: State;
}

/**
 * Runs a Pulumi program in this process and answers what it asked for. `program` returns the stack's outputs.
 * Pulumi's state is the process's own: never two at once.
 */
export async function captureGraph(
	program: () => Promise<Record<string, unknown> | undefined> | Record<string, unknown> | undefined,
	settings: CaptureSettings,
): Promise<Captured> {
	const { project, stack, preview = false, config = {}, secretKeys = [], stackFrames = 0 } = settings;
	const region = settings.region ?? config["aws:region"];
	const engine = new Engine({ ...settings, ...(region && { region }) });
	const frames = Error.stackTraceLimit;
	Error.stackTraceLimit = stackFrames;
	const failures = collectRejections();
	try {
		runtime.setMockOptions(asClient(monitorMethods(engine)), project, stack, preview, "organization");
		runtime.setAllConfig({ ...config }, [...secretKeys]);
		await runInPulumiStack(async () => program());
		// The outputs are known before the last resource is registered: this waits for all.
		await runtime.disconnect();
	} finally {
		Error.stackTraceLimit = frames;
		await failures.stop();
	}
	if (failures.found.length > 0) throw failures.found[0];
	return { graph: engine.graph, state: engine.state };
}

/**
 * A resource that cannot be registered fails as a rejection that nobody awaits, and so does each output that it leaves
 * without a value: hundreds for one cause. The SDK's own host collects them in the same way; any of them fails the program.
 */
function collectRejections(): { found: unknown[]; stop(): Promise<void> } {
	const found: unknown[] = [];
	const listeners = process.listeners("unhandledRejection");
	const collect = (reason: unknown) => void found.push(reason);
	process.removeAllListeners("unhandledRejection");
	process.on("unhandledRejection", collect);
	return {
		found,
		async stop() {
			await new Promise((resolve) => setImmediate(resolve));
			process.off("unhandledRejection", collect);
			for (const listener of listeners) process.on("unhandledRejection", listener);
		},
	};
}
