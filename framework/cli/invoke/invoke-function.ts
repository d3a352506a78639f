import { createHash } from "node:crypto";
import { deliverers } from "../../../consumers/deliverers.ts";
import type { BatchResponse } from "../../contract/lambda.ts";
import { type Bindings, bindManifest } from "../../contract/manifest.ts";
import type { PlannedFunction } from "../../plan/types.ts";
import { type Arrival, decodeEvent } from "../../runtime/arrival.ts";
import { createHandler } from "../../runtime/handler.ts";
import type { Dependencies } from "../../runtime/invocation.ts";
import { createMemoryState } from "../../runtime/memory-state.ts";
import { type Delivery, skippedDelivery } from "../../runtime/observer.ts";
import { type Faults, plantInDeliverers } from "./faults.ts";
import { createRandom } from "./random.ts";
import { type RecordedObject, type RecordedPut, recordCalls } from "./recording-client.ts";

export interface InvokeWish {
	event: unknown;
	/** Epoch milliseconds; null = the time of the event's newest record. */
	now: number | null;
	seed: number;
	faults: Faults;
}

export interface DeadLetterEntry {
	consumer: string;
	eventID: string;
	reason: string;
	attempts: number;
}

export interface InvokeResult {
	response: BatchResponse;
	deliveries: Delivery[];
	puts: RecordedPut[];
	objects: RecordedObject[];
	deadLetters: DeadLetterEntry[];
	/** What went wrong beside the records. */
	troubles: string[];
}

/** Runs the real handler of a function on an event, with everything outside it recorded and time standing still. */
export async function invokeFunction(planned: PlannedFunction, wish: InvokeWish): Promise<InvokeResult> {
	const arrivals = decodeEvent(wish.event);
	const manifest = bindManifest(planned.manifest, bindingsOf(arrivals));
	const recording = recordCalls(wish.faults, eventIDReader(arrivals));
	const deliveries: Delivery[] = [];
	const deadLetters: DeadLetterEntry[] = [];
	const troubles: string[] = [];
	const start = wish.now ?? newest(arrivals);
	let slept = 0;
	const deps: Dependencies = {
		deliverers: plantInDeliverers(deliverers, wish.faults),
		client: recording.client,
		fetch: async () => new Response("", { status: 200 }),
		secret: async (reference) => standIn(reference),
		now: () => start + slept,
		random: createRandom(wish.seed),
		// Nothing waits: sleeping moves the clock.
		async sleep(milliseconds) {
			slept += milliseconds;
		},
		timeout: () => new AbortController().signal,
		state: createMemoryState(),
		deadLetters: {
			async park({ consumer, eventID, reason, attempts }) {
				if (wish.faults.strike("dead-letters", eventID)) throw new Error("planted by --fail");
				deadLetters.push({ consumer, eventID, reason, attempts });
			},
		},
		observer: {
			// The lake and the router are functions, not consumers; what they did stands in objects and puts.
			delivery: (delivery) => {
				if (planned.consumers.includes(delivery.consumer)) deliveries.push(delivery);
			},
			skipped: (...skip) => void deliveries.push(skippedDelivery(...skip)),
			trouble: (message) => troubles.push(message),
			writer() {},
			begin() {},
			flush() {},
		},
	};
	const response = await createHandler(manifest, deps)(wish.event, {
		awsRequestId: "invoke",
		getRemainingTimeInMillis: () => planned.timeoutSeconds * 1000 - slept,
	});
	return { response, deliveries, puts: recording.puts, objects: recording.objects, deadLetters, troubles };
}

/** The account and region that the event comes from; those of nobody when it does not say. */
function bindingsOf(arrivals: readonly Arrival[]): Bindings {
	const arns = arrivals.map(({ envelope }) => envelope?.eventSourceARN ?? "");
	const [, region = "us-east-1", accountId = "000000000000"] =
		arns.map((arn) => /^arn:[\w-]+:dynamodb:([\w-]+):(\d{12}):/.exec(arn)).find((match) => match !== null) ?? [];
	return { region, accountId, receiver: "http://127.0.0.1" };
}

function newest(arrivals: readonly Arrival[]): number {
	return arrivals.reduce((latest, { time }) => Math.max(latest, time), 0) * 1000;
}

/** Finds the eventID of a text that was written: of a record that came as it is, else of a stub. */
function eventIDReader(arrivals: readonly Arrival[]): (data: string) => string | null {
	const known = new Map(
		arrivals.flatMap(({ line, data, eventID }) => [line, data.toString()].map((t) => [t, eventID])),
	);
	return (data) => {
		const eventID = known.get(data);
		if (eventID !== undefined) return eventID;
		try {
			return JSON.parse(data).eventID ?? null;
		} catch {
			return null;
		}
	};
}

/** A secret of the shape that webhooks are signed with; the same for the same reference, and nobody's. */
function standIn(reference: string): string {
	return `whsec_${createHash("sha256").update(`stand-in ${reference}`).digest("base64")}`;
}
