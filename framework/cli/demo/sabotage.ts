import type { Plan } from "../../plan/types.ts";

export const FAULTS = ["lose", "swap", "duplicate", "unsigned"] as const;
export type Fault = (typeof FAULTS)[number];

/** Changes a batch on its way to a function: members of `Records` as JSON text. */
export type Tamper = (batch: readonly string[]) => readonly string[];

export interface PlantedFault {
	tamper: Tamper;
	/** Whether a batch came that allowed it. */
	planted(): boolean;
}

/** Plants a transport fault once, at the first batch that allows it. The check must find it: a check that cannot fail proves nothing. */
export function plantInTransport(fault: Fault): PlantedFault {
	let planted = false;
	let before: readonly string[] = [];
	return {
		tamper(batch) {
			const changed = planted ? null : spoil(fault, batch, before);
			if (changed) planted = true;
			before = batch;
			return changed ?? batch;
		},
		planted: () => planted,
	};
}

function spoil(fault: Fault, batch: readonly string[], before: readonly string[]): string[] | null {
	const [first, ...rest] = batch;
	if (first === undefined) return null;
	if (fault === "lose") return rest.length > 0 ? rest : null;
	// From the batch before: one that stands in a batch twice is delivered once.
	if (fault === "duplicate") return before.length > 0 ? [...before.slice(-1), ...batch] : null;
	if (fault === "swap") return swapOneItem(batch);
	return null;
}

/** Swaps the first two records of one item, if the batch holds two of one. */
function swapOneItem(batch: readonly string[]): string[] | null {
	const first = new Map<string, number>();
	for (const [index, text] of batch.entries()) {
		const key = (JSON.parse(text) as { kinesis: { partitionKey: string } }).kinesis.partitionKey;
		const earlier = first.get(key);
		if (earlier !== undefined) {
			const swapped = [...batch];
			swapped[earlier] = text;
			swapped[index] = batch[earlier] as string;
			return swapped;
		}
		first.set(key, index);
	}
	return null;
}

/** The plan with its webhooks unsigned: senders sign nothing, the check still asks for signatures. */
export function withoutSignatures(plan: Plan): Plan {
	const copy = structuredClone(plan);
	for (const pipeline of copy.pipelines)
		for (const planned of pipeline.functions)
			for (const consumer of planned.manifest.consumers)
				delete (consumer.settings as { signingSecret?: string }).signingSecret;
	return copy;
}
