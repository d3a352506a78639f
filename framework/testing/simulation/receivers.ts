import type { InvokeCommandInput } from "@aws-sdk/client-lambda";
import { type InvocationFact, isReplay, type Receipt } from "./facts.ts";
import type { Call } from "./network.ts";
import type { Chance } from "./random.ts";
import { refuseObject } from "./s3-service.ts";
import type { DrawnConsumer } from "./scenario.ts";
import type { World } from "./world.ts";

/** Takes records for a consumer, and remembers to say which the function knows to be taken. */
function taker(world: World, consumer: string, requestKey: string | null) {
	let taken: Receipt[] = [];
	return {
		take(truths: readonly number[], invocation: InvocationFact): void {
			const together = truths.join(" ");
			taken = truths.map((truth) => ({
				consumer,
				truth,
				at: world.scheduler.now(),
				invocation,
				confirmed: false,
				requestKey,
				together,
			}));
			if (isReplay(invocation)) {
				for (const receipt of taken) world.judge.replayed(receipt);
				world.facts.replayed.push(...taken);
				return;
			}
			for (const receipt of taken) world.judge.received(receipt);
			world.facts.receipts.push(...taken);
		},
		confirmed(): void {
			for (const receipt of taken) receipt.confirmed = true;
		},
	};
}

/** A webhook's receiver. */
export function requestCall(world: World, url: string, headers: Headers, body: string): Call {
	const consumer = world.consumerNamed(new URL(url).hostname.split(".")[0] ?? "");
	const truths = membersOf(JSON.parse(body)).map((member) => world.truthOfDelivery(member));
	const { take, confirmed } = taker(world, consumer.name, headers.get("webhook-id"));
	return {
		...common(consumer, "request", truths),
		confirmed,
		refuse: (how) =>
			new Response(null, how === "throttled" ? { status: 429, headers: { "retry-after": "7" } } : { status: 503 }),
		apply(invocation) {
			if (consumer.failsForever) return new Response(null, { status: 500 });
			if (truths.some((truth) => world.poisons(consumer, truth))) return new Response(null, { status: 422 });
			take(truths, invocation);
			return new Response(null, { status: 204 });
		},
	};
}

/** A consumer's own function, that works off its records in order and reports the first it cannot take, or each item's. */
export function functionCall(world: World, { FunctionName, Payload }: InvokeCommandInput): Call {
	const consumer = world.consumerNamed(String(FunctionName));
	const event = JSON.parse(Buffer.from(Payload as Uint8Array).toString("utf8"));
	const members = (event.Records ?? event.events) as unknown[];
	const truths = members.map((member) => world.truthOfDelivery(member));
	const { take, confirmed } = taker(world, consumer.name, null);
	const stopsAtFirst = !consumer.goesOn;
	return {
		...common(consumer, "invocation", truths),
		confirmed,
		refuse(how) {
			if (how === "throttled") throw Object.assign(new Error("Rate exceeded."), { name: "TooManyRequestsException" });
			return { StatusCode: 200, FunctionError: "Unhandled" };
		},
		apply(invocation, partial) {
			if (consumer.failsForever) return { StatusCode: 200, FunctionError: "Unhandled" };
			const failed = firstFailures(world, consumer, truths, partial);
			const cut = stopsAtFirst && failed.size > 0 ? truths.findIndex((truth) => failed.has(truth)) : truths.length;
			const stopped = new Set<number>();
			const taken = truths.slice(0, cut).filter((truth) => {
				const item = world.truth(truth).item;
				if (failed.has(truth)) stopped.add(item);
				return !stopped.has(item);
			});
			take(taken, invocation);
			const left = truths.filter((truth) => !taken.includes(truth));
			const reported = stopsAtFirst ? left.slice(0, 1) : left;
			const batchItemFailures = reported.map((truth) => ({ itemIdentifier: world.truth(truth).eventID }));
			return { StatusCode: 200, Payload: Buffer.from(JSON.stringify({ batchItemFailures })) };
		},
	};
}

function firstFailures(
	world: World,
	consumer: DrawnConsumer,
	truths: readonly number[],
	partial: Chance | null,
): Set<number> {
	return new Set(truths.filter((truth) => world.poisons(consumer, truth) || (partial?.happens(0.3) ?? false)));
}

/** Objects of a consumer that writes files: the prefix says whose. */
export function exportCall(world: World, key: string, text: string): Call {
	const consumer = world.consumerNamed(key.split("/")[1] ?? "");
	const truths = text
		.split("\n")
		.filter((line) => line !== "")
		.map((line) => world.truthOfDelivery(JSON.parse(line)));
	const { take, confirmed } = taker(world, consumer.name, key);
	return {
		...common(consumer, "object", truths),
		confirmed,
		refuse: refuseObject,
		apply(invocation) {
			if (consumer.failsForever) refuseObject("refused");
			take(truths, invocation);
			return {};
		},
	};
}

function common({ name }: DrawnConsumer, what: string, truths: readonly number[]) {
	return {
		target: `receiver:${name}` as const,
		what: `${what} to ${name} with ${truths.map((id) => `r${id}`).join(" ")}`,
		truths,
	};
}

function membersOf(body: unknown): unknown[] {
	return Array.isArray(body) ? body : [body];
}
