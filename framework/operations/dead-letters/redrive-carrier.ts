import { invoke } from "../invoke.ts";
import type { Lease } from "../lease.ts";
import { createPace } from "../pace.ts";
import type { ConsumerPlace, Services } from "../place.ts";
import { finishDump, listDumps } from "./dumps.ts";

export interface CarrierResult {
	/** Records of the dumps that were taken, and of those that were not. */
	delivered: number;
	left: number;
	reasons: string[];
}

/** Gives the lake function or a forwarding router its dumps again, oldest first: whole events, as Lambda gave them. */
export async function redriveCarrier(
	place: ConsumerPlace,
	services: Services,
	options: { rate: number | null; signal: AbortSignal; lease: Pick<Lease, "renew"> },
): Promise<CarrierResult> {
	const pace = createPace(options.rate, services);
	const result: CarrierResult = { delivered: 0, left: 0, reasons: [] };
	for await (const { key, event, records } of listDumps(place, services)) {
		if (options.signal.aborted || result.left > 0) {
			// A later batch must not pass an earlier one.
			result.left += records.length;
			continue;
		}
		// The event goes as Lambda gave it: whole.
		await pace.wait(records.length);
		await options.lease.renew();
		const answer = await invoke(services.lambda, place.functionName, event);
		const reason = answer.status === "answered" ? refusalOf(answer.response) : answer.reason;
		if (reason === null) {
			await finishDump(place, services, key);
			result.delivered += records.length;
		} else {
			result.left += records.length;
			result.reasons.push(`${key}: ${reason}`);
		}
	}
	return result;
}

function refusalOf(response: unknown): string | null {
	const { batchItemFailures } = (response ?? {}) as { batchItemFailures?: unknown };
	if (!Array.isArray(batchItemFailures)) return "It answered something else than a batch response.";
	return batchItemFailures.length === 0 ? null : "It could not take all of the batch; its log says why.";
}
