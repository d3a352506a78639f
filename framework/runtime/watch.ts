import { type Delivery, type Observer, skippedDelivery } from "./observer.ts";

/** One invocation's view of an observer. */
export interface Watch {
	observer: Observer;
	/** What it saw of records. */
	outcomes: readonly Delivery[];
	/** What ends after the answer belongs to no invocation: it is neither counted nor logged in the next one. */
	close(): void;
}

/** Watches an observer during one invocation; keeps the outcomes if they are to be answered. */
export function watch(observer: Observer, keeps: boolean): Watch {
	let open = true;
	const outcomes: Delivery[] = [];
	return {
		outcomes,
		close() {
			open = false;
		},
		observer: {
			...observer,
			delivery(delivery) {
				if (!open) return;
				if (keeps) outcomes.push(delivery);
				observer.delivery(delivery);
			},
			skipped(consumer, eventID, reason) {
				if (!open) return;
				if (keeps) outcomes.push(skippedDelivery(consumer, eventID, reason));
				observer.skipped(consumer, eventID, reason);
			},
			writer(report) {
				if (open) observer.writer(report);
			},
			trouble(message) {
				if (open) observer.trouble(message);
			},
		},
	};
}
