import type { AnyDeliverer, ClientOf, Outcome, SendingClient } from "../contract/deliver.ts";
import type { BatchResponse } from "../contract/lambda.ts";
import type { Manifest, ManifestConsumer } from "../contract/manifest.ts";
import type { DeadLetter } from "../runtime/dead-letters.ts";
import { createHandler } from "../runtime/handler.ts";
import type { Dependencies } from "../runtime/invocation.ts";
import { createMemoryState } from "../runtime/memory-state.ts";
import { type Delivery, skippedDelivery, type WriterReport } from "../runtime/observer.ts";
import { RECORD_TIME } from "./factories.ts";

/** A manifest of the pipeline `orders` in the environment `test`. */
export function manifestOf(wish: Partial<Manifest> = {}): Manifest {
	return {
		formatVersion: 1,
		environment: "test",
		pipeline: "orders",
		function: "router",
		role: "router",
		table: {
			name: "orders",
			keys: { partition: { name: "orderId", type: "S" }, sort: null },
			ttl: null,
			viewType: "NEW_AND_OLD_IMAGES",
		},
		stateTable: "state",
		operations: { bucket: "operations" },
		logs: { sampleRate: 0 },
		lake: null,
		forward: null,
		consumers: [],
		...wish,
	};
}

/** A consumer of the kind `fake`. */
export function consumerOf(name: string, wish: Partial<ManifestConsumer> = {}): ManifestConsumer {
	return {
		name,
		kind: "fake",
		settings: {},
		condition: null,
		budgetSeconds: 60,
		concurrency: 2,
		deduplicationHours: 0,
		...wish,
	};
}

export interface HandlerRun {
	invoke(event: unknown, remainingMilliseconds?: number): Promise<BatchResponse>;
	deps: Dependencies;
	/** Since the last invocation began. */
	deliveries: Delivery[];
	letters: DeadLetter[];
	troubles: string[];
	writerReports: WriterReport[];
	advance(milliseconds: number): void;
}

interface RunWish extends Partial<Dependencies> {
	/** What becomes of a record at a consumer of the kind `fake`. */
	answer?: (consumer: string, eventID: string) => Outcome;
	/** What AWS says to a command. */
	aws?: (command: { constructor: { name: string }; input: never }) => unknown;
	maxRecords?: number;
}

/** A handler in a world of fakes, whose clock moves only when told or slept on. State lasts from one invocation to the next. */
export function runHandler(manifest: Manifest, wish: RunWish = {}): HandlerRun {
	const { answer = () => ({ status: "delivered" }), aws = () => ({}), maxRecords = 2, ...given } = wish;
	let time = RECORD_TIME * 1000;
	const run: Pick<HandlerRun, "deliveries" | "letters" | "troubles" | "writerReports"> = {
		deliveries: [],
		letters: [],
		troubles: [],
		writerReports: [],
	};
	const alarms = new Set<{ at: number; controller: AbortController }>();
	const advance = (milliseconds: number): void => {
		time += milliseconds;
		for (const alarm of alarms)
			if (alarm.at <= time) {
				alarms.delete(alarm);
				alarm.controller.abort();
			}
	};
	const sender = { send: async (command) => aws(command) } satisfies SendingClient;
	const fake: AnyDeliverer = {
		limits: () => ({ maxRecords }),
		async deliver(changes, { consumer }) {
			const stopped = new Set<string>();
			return changes.map(({ eventID, keyHash }) => {
				if (stopped.has(keyHash)) return { status: "retry", reason: "behind" };
				const outcome = answer(consumer, eventID);
				if (outcome.status !== "delivered") stopped.add(keyHash);
				return outcome;
			});
		},
	};
	const deps: Dependencies = {
		deliverers: { fake },
		client: (<Client extends SendingClient>() => sender as unknown as Client) satisfies ClientOf,
		fetch: async () => new Response(),
		secret: async () => "secret",
		now: () => time,
		random: () => 0.5,
		sleep: async (milliseconds) => advance(milliseconds),
		timeout(milliseconds) {
			const controller = new AbortController();
			alarms.add({ at: time + milliseconds, controller });
			return controller.signal;
		},
		state: createMemoryState(),
		deadLetters: { park: async (letter) => void run.letters.push(letter) },
		observer: {
			delivery: (delivery) => void run.deliveries.push(delivery),
			skipped: (...skip) => void run.deliveries.push(skippedDelivery(...skip)),
			writer: (report) => void run.writerReports.push(report),
			trouble: (message) => void run.troubles.push(message),
			begin() {},
			flush() {},
		},
		...given,
	};
	const handler = createHandler(manifest, deps);
	return {
		...run,
		deps,
		advance,
		async invoke(event, remaining = 60_000) {
			run.deliveries.length = 0;
			const end = time + remaining;
			return handler(event, { awsRequestId: "test", getRemainingTimeInMillis: () => end - time });
		},
	};
}
