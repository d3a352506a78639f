import type { BatchResponse, Handler } from "../contract/lambda.ts";
import type { Manifest } from "../contract/manifest.ts";
import type { ReplayOutcome } from "../contract/replay.ts";
import { answerFrom } from "./answer.ts";
import { type Arrival, decodeBatch } from "./arrival.ts";
import { beforeAbort } from "./before-abort.ts";
import { redeemAll } from "./claim-check.ts";
import { type BaseDependencies, type Deadline, deadlineOf, type Process } from "./invocation.ts";
import { keepShape } from "./kept-shapes.ts";
import { type Delivery, describeError, type Observer } from "./observer.ts";
import { manifestFor } from "./replay.ts";
import { watch } from "./watch.ts";

/** The Lambda around one process: a bundle holds only the process of its role. Throws only on an event that is no batch for it. */
export function createProcessHandler<Needs extends BaseDependencies>(
	process: Process<Needs>,
	manifest: Manifest,
	deps: Needs,
): Handler {
	return async (event, context) => {
		const { arrivals, replay } = decodeBatch(event);
		keepShape("arrival", arrivals[0]);
		const bound = replay ? manifestFor(replay, manifest) : manifest;
		deps.observer.begin(context.awsRequestId, replay !== null);
		const { observer, outcomes, close } = watch(deps.observer, replay !== null);
		const deadline = deadlineOf(context, deps);
		const work = async (): Promise<BatchResponse> =>
			process({
				...deadline,
				manifest: bound,
				arrivals: await redeemAll(arrivals, manifest, { ...deps, ...deadline }),
				deps: { ...deps, observer },
				replay,
			});
		try {
			const response = await answerInTime(work(), arrivals, deadline, observer);
			return replay ? { ...response, outcomes: outcomes.map(outcomeOf) } : response;
		} finally {
			close();
			deps.observer.flush();
		}
	};
}

const outcomeOf = ({ eventID, outcome, reason }: Delivery): ReplayOutcome => ({ eventID, outcome, reason });

/** The work's answer; none of the batch, if the work hangs whatever was aborted, or fails as a whole. */
async function answerInTime(
	work: Promise<BatchResponse>,
	came: readonly Arrival[],
	{ lastCall }: Deadline,
	observer: Observer,
): Promise<BatchResponse> {
	try {
		return await beforeAbort(work, lastCall, "Something did not end in time.");
	} catch (error) {
		observer.trouble(`The batch is not acknowledged: ${describeError(error)}`);
		return answerFrom(came, () => false);
	}
}
