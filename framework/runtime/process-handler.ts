import type { BatchResponse, Handler } from "../contract/lambda.ts";
import type { Manifest } from "../contract/manifest.ts";
import { answerFrom } from "./answer.ts";
import { type Arrival, decodeEvent } from "./arrival.ts";
import { beforeAbort } from "./before-abort.ts";
import { redeemAll } from "./claim-check.ts";
import { type BaseDependencies, type Deadline, deadlineOf, type Process } from "./invocation.ts";
import { describeError, type Observer } from "./observer.ts";

/** The Lambda around one process: a bundle holds only the process of its role. Throws only on an event that holds no batch. */
export function createProcessHandler<Needs extends BaseDependencies>(
	process: Process<Needs>,
	manifest: Manifest,
	deps: Needs,
): Handler {
	return async (event, context) => {
		deps.observer.begin(context.awsRequestId);
		const observer = closable(deps.observer);
		const deadline = deadlineOf(context, deps);
		const came = decodeEvent(event);
		const work = async (): Promise<BatchResponse> => {
			const arrivals = await redeemAll(came, manifest, deps.client, deadline.signal);
			return process({ manifest, arrivals, deps: { ...deps, observer }, ...deadline });
		};
		try {
			return await answerInTime(work(), came, deadline, observer);
		} finally {
			observer.close();
			deps.observer.flush();
		}
	};
}

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

/** What ends after the answer belongs to no invocation: it is neither counted nor logged in the next one. */
function closable(observer: Observer): Observer & { close(): void } {
	let open = true;
	const whileOpen =
		<Given extends unknown[]>(see: (...given: Given) => void) =>
		(...given: Given): void => {
			if (open) see(...given);
		};
	return {
		...observer,
		delivery: whileOpen(observer.delivery),
		skipped: whileOpen(observer.skipped),
		writer: whileOpen(observer.writer),
		trouble: whileOpen(observer.trouble),
		close() {
			open = false;
		},
	};
}
