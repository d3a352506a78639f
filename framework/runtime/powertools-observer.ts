import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import type { Manifest } from "../contract/manifest.ts";
import type { Delivery, Observer } from "./observer.ts";

interface Counts {
	received: number;
	selected: number;
	delivered: number;
	retried: number;
	rejected: number;
	parked: number;
	oldest: number;
}

/** JSON logs of trouble and EMF metrics per consumer. What is written here is names, identities and reasons, never a payload. */
export function createPowertoolsObserver({ environment, pipeline, ...manifest }: Manifest): Observer {
	const service = `${pipeline}/${manifest.function}`;
	const logger = new Logger({ serviceName: service });
	const metrics = new Metrics({ namespace: "Tributary", serviceName: service });
	const consumers = new Map<string, Counts>();
	return {
		delivery(delivery) {
			const counts = consumers.get(delivery.consumer) ?? nothingCounted();
			consumers.set(delivery.consumer, counts);
			count(counts, delivery);
			const { consumer, eventID, reason, outcome } = delivery;
			if (outcome === "reject") logger.error("parked", { consumer, eventID, reason });
			else if (outcome === "retry") logger.warn("retry", { consumer, eventID, reason });
		},
		skipped(consumer) {
			const counts = consumers.get(consumer) ?? nothingCounted();
			consumers.set(consumer, counts);
			counts.received += 1;
		},
		trouble: (message) => logger.error(message),
		flush() {
			for (const [consumer, counts] of consumers) {
				metrics.addDimensions({ environment, pipeline, consumer });
				const { oldest, ...numbers } = counts;
				for (const [name, value] of Object.entries(numbers)) metrics.addMetric(name, MetricUnit.Count, value);
				metrics.addMetric("age", MetricUnit.Milliseconds, oldest);
				metrics.publishStoredMetrics();
			}
			consumers.clear();
		},
	};
}

const nothingCounted = (): Counts => ({
	received: 0,
	selected: 0,
	delivered: 0,
	retried: 0,
	rejected: 0,
	parked: 0,
	oldest: 0,
});

function count(counts: Counts, { outcome, refused, ageMilliseconds }: Delivery): void {
	counts.received += 1;
	if (outcome !== "skipped") counts.selected += 1;
	if (outcome === "delivered") counts.delivered += 1;
	if (outcome === "retry") counts.retried += 1;
	if (outcome === "reject") counts.parked += 1;
	if (refused) counts.rejected += 1;
	counts.oldest = Math.max(counts.oldest, ageMilliseconds);
}
