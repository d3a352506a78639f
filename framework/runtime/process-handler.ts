import type { Handler } from "../contract/lambda.ts";
import type { Manifest } from "../contract/manifest.ts";
import { decodeEvent } from "./arrival.ts";
import { redeemAll } from "./claim-check.ts";
import { type BaseDependencies, deadlineOf, type Process } from "./invocation.ts";

/** The Lambda around one process: a bundle holds only the process of its role. Throws only on an event that holds no batch. */
export function createProcessHandler<Needs extends BaseDependencies>(
	process: Process<Needs>,
	manifest: Manifest,
	deps: Needs,
): Handler {
	return async (event, context) => {
		deps.observer.begin(context.awsRequestId);
		const { signal, mayStart } = deadlineOf(context, deps);
		try {
			const arrivals = await redeemAll(decodeEvent(event), manifest, deps.client, signal);
			return await process({ manifest, arrivals, deps, signal, mayStart });
		} finally {
			deps.observer.flush();
		}
	};
}
