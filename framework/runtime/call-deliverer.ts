import type { Change } from "../contract/change.ts";
import type { DeliverContext, Outcome } from "../contract/deliver.ts";
import type { ManifestConsumer } from "../contract/manifest.ts";
import { beforeAbort } from "./before-abort.ts";
import type { Dependencies, Invocation } from "./invocation.ts";
import type { Entry } from "./ledger.ts";
import { OwnError } from "./observer.ts";

/** For a kind that ends when it is told to: what it has delivered by then must not come again. A tenth of the least margin that is kept for state and answer. */
const PATIENCE_MILLISECONDS = 50;

const NO_ANSWER = "There was no answer before the function's time ran out.";

/** Calls a consumer's kind with what can be delivered, and answers for what cannot. Never rejects. */
export function callDeliverer(consumer: ManifestConsumer, invocation: Invocation<Dependencies>) {
	const { manifest, deps, signal } = invocation;
	const deliverer = deps.deliverers[consumer.kind];
	if (!deliverer) throw new Error(`The bundle does not hold the kind ${consumer.kind} of consumer ${consumer.name}.`);
	const context: DeliverContext<unknown> = {
		settings: consumer.settings,
		environment: manifest.environment,
		pipeline: manifest.pipeline,
		consumer: consumer.name,
		client: deps.client,
		fetch: deps.fetch,
		secret: deps.secret,
		now: deps.now,
		signal,
	};
	const call = async (changes: readonly Change[]): Promise<Outcome[]> => {
		try {
			const patience = (): Promise<void> => deps.sleep(PATIENCE_MILLISECONDS);
			const outcomes = await beforeAbort(deliverer.deliver(changes, context), signal, NO_ANSWER, patience);
			if (outcomes.length === changes.length) return outcomes;
			throw new OwnError(`The consumer's code answered ${outcomes.length} outcomes for ${changes.length} records.`);
		} catch (error) {
			// The name alone: the message of a stranger's error may hold a payload or a secret.
			const reason = error instanceof OwnError ? error.message : `The consumer's code threw ${nameOf(error)}.`;
			return changes.map(() => ({ status: "retry", reason }));
		}
	};
	return {
		maxRecords: deliverer.limits(consumer.settings).maxRecords,
		async deliver(entries: readonly Entry[]): Promise<Outcome[]> {
			const sendable = upToFirstFault(entries);
			const outcomes = sendable.length > 0 ? await call(sendable.map(({ change }) => change)) : [];
			if (sendable.length === entries.length) return outcomes;
			const byEntry = new Map<Entry, Outcome | undefined>(sendable.map((entry, index) => [entry, outcomes[index]]));
			return entries.map((entry) => byEntry.get(entry) ?? faultOf(entry));
		},
	};
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : typeof error);

/** What the consumer may see: nothing of an item from its first unreadable record on. */
function upToFirstFault(entries: readonly Entry[]): (Entry & { change: Change })[] {
	const stopped = new Set<string>();
	return entries.filter((entry): entry is Entry & { change: Change } => {
		if (entry.change === null) stopped.add(entry.lane);
		return !stopped.has(entry.lane);
	});
}

/** The fate of a record that cannot be delivered, or stands behind one. */
export function faultOf({ state }: Entry): Outcome {
	if (state.status === "malformed") return { status: "reject", reason: state.reason };
	return { status: "retry", reason: state.status === "unavailable" ? state.reason : "An earlier record is not done." };
}
