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
	const whileOpen =
		<Given extends unknown[]>(see: (...given: Given) => void) =>
		(...given: Given): void => {
			if (open) see(...given);
		};
	return {
		outcomes,
		close() {
			open = false;
		},
		observer: {
			...observer,
			delivery: whileOpen((delivery) => {
				if (keeps) outcomes.push(delivery);
				observer.delivery(delivery);
			}),
			skipped: whileOpen((...skip) => {
				if (keeps) outcomes.push(skippedDelivery(...skip));
				observer.skipped(...skip);
			}),
			writer: whileOpen(observer.writer),
			trouble: whileOpen(observer.trouble),
		},
	};
}
