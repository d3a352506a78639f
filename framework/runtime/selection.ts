import type { AnyDeliverer, Images } from "../contract/deliver.ts";
import type { ManifestConsumer } from "../contract/manifest.ts";
import type { Arrival } from "./arrival.ts";
import type { Observer } from "./observer.ts";
import { compilePredicate } from "./predicate.ts";

/**
 * What a consumer is owed of a batch: what its condition selects, and what is no record that could be asked. Nothing is made of the
 * rest. An image is looked into only when its record is selected; up to then what is wrong in it is just no match.
 */
export function selectArrivals(
	{ name, condition }: ManifestConsumer,
	arrivals: readonly Arrival[],
	observer: Pick<Observer, "skipped">,
): readonly Arrival[] {
	if (condition === null) return arrivals;
	const predicate = compilePredicate(condition);
	return arrivals.filter(({ envelope, eventID }) => {
		if (envelope === null || predicate.matches(envelope)) return true;
		observer.skipped(name, eventID, () => predicate.explain(envelope) ?? "");
		return false;
	});
}

/** Which images a consumer is sent, and are looked into for it. */
export function imagesFor(
	{ kind, settings }: ManifestConsumer,
	deliverers: Readonly<Record<string, AnyDeliverer>>,
): Images {
	return deliverers[kind]?.images?.(settings) ?? "both";
}
