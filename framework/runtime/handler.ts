import type { Handler } from "../contract/lambda.ts";
import type { Manifest } from "../contract/manifest.ts";
import { deliverBatch } from "./deliver-batch.ts";
import { forwardBatch } from "./forward.ts";
import type { Dependencies, Process } from "./invocation.ts";
import { storeBatch } from "./lake.ts";
import { createProcessHandler } from "./process-handler.ts";

/** The generic Lambda for a manifest, whatever its role. Throws only on an event that holds no batch. */
export function createHandler(manifest: Manifest, deps: Dependencies): Handler {
	return createProcessHandler(processOf(manifest), manifest, deps);
}

function processOf(manifest: Manifest): Process<Dependencies> {
	if (manifest.role === "lake") return storeBatch;
	return manifest.forward ? forwardBatch : deliverBatch;
}
