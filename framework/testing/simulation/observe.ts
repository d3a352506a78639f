import type { Manifest } from "../../contract/manifest.ts";
import type { createJsonObserver } from "../../runtime/json-observer.ts";
import { type Observer, skippedDelivery } from "../../runtime/observer.ts";
import type { Container } from "./container.ts";
import { SECRET } from "./services.ts";
import type { World } from "./world.ts";

/** The runtime's own observer, whose lines are read, beside one that keeps what it is told. */
export function observerOf(
	world: World,
	container: Container,
	manifest: Manifest,
	createObserver: typeof createJsonObserver,
): Observer {
	const { scheduler, trace } = world;
	const own = createObserver(manifest, {
		now: () => scheduler.now(),
		write(line) {
			readLine(world, container, line);
		},
	});
	return {
		...own,
		delivery(delivery) {
			own.delivery(delivery);
			container.invocation?.reports.push(delivery);
			const { eventID, consumer, outcome, reason } = delivery;
			if (reason !== null)
				trace.add(scheduler.now(), `  ${world.nameOf(eventID)} ${outcome} at ${consumer}: ${reason}`);
		},
		skipped(consumer, eventID, reason) {
			own.skipped(consumer, eventID, reason);
			container.invocation?.reports.push(skippedDelivery(consumer, eventID, reason));
		},
		trouble(message) {
			own.trouble(message);
			container.invocation?.troubles.push(message);
			trace.add(scheduler.now(), `  trouble: ${message}`);
		},
	};
}

/** Metrics are summed up; and no line may say what only payloads and secrets hold. */
function readLine(world: World, { invocation }: Container, text: string): void {
	for (const secret of [SECRET, "nnnnnnnn", "12345678901234567890"])
		if (text.includes(secret)) world.breach("I8", `A log line says what nobody may read: ${secret}.`);
	const line = JSON.parse(text);
	if (!line._aws || !invocation) return;
	const sums = invocation.metrics.get(line.consumer) ?? {};
	invocation.metrics.set(line.consumer, sums);
	for (const [name, value] of Object.entries(line))
		if (typeof value === "number") sums[name] = (sums[name] ?? 0) + value;
}
