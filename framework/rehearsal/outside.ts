import type { AnyDeliverer, ClientOf, SendingClient } from "../contract/deliver.ts";
import { objectText } from "../local/object-text.ts";

/** What a consumer did to the world outside. */
export type Effect =
	| {
			type: "request";
			method: string;
			url: string;
			headers: Record<string, string>;
			body: string;
			status: number | string;
	  }
	| { type: "object"; bucket: string; key: string; body: string }
	/** Any other call of AWS, by the name of its API operation. */
	| { type: "call"; operation: string; input: Record<string, unknown>; failure: string | null };

/** What an attempt at the outside is answered with: an HTTP status, or a word for an error without an answer. */
export type Failure = number | "timeout" | "error";

export interface Outside {
	/** Of each consumer, in order. */
	effects: Map<string, Effect[]>;
	/** Failures not yet used, of each consumer: each strikes one attempt. */
	failuresLeft(consumer: string): number;
	/** The kinds, with everything that they reach recorded. */
	deliverers: Record<string, AnyDeliverer>;
}

// biome-ignore lint/suspicious/noExplicitAny: SDK commands have no common type of input.
type Command = { constructor: { name: string }; input: any };

/** Stands for the world around the consumers: takes everything, or fails the first attempts as a test asks. */
export function createOutside(
	deliverers: Readonly<Record<string, AnyDeliverer>>,
	failures: ReadonlyMap<string, readonly Failure[]>,
): Outside {
	const effects = new Map<string, Effect[]>();
	const left = new Map([...failures].map(([consumer, list]) => [consumer, [...list]]));
	const record = (consumer: string, effect: Effect): void => {
		const known = effects.get(consumer);
		if (known) known.push(effect);
		else effects.set(consumer, [effect]);
	};
	const wrap = (deliverer: AnyDeliverer): AnyDeliverer => ({
		limits: deliverer.limits,
		deliver(changes, context) {
			const strike = (): Failure | undefined => left.get(context.consumer)?.shift();
			const note = (effect: Effect): void => record(context.consumer, effect);
			return deliverer.deliver(changes, {
				...context,
				fetch: fetchStandIn(strike, note),
				client: clientStandIn(strike, note),
			});
		},
	});
	return {
		effects,
		failuresLeft: (consumer) => left.get(consumer)?.length ?? 0,
		deliverers: Object.fromEntries(Object.entries(deliverers).map(([kind, deliverer]) => [kind, wrap(deliverer)])),
	};
}

type Strike = () => Failure | undefined;
type Note = (effect: Effect) => void;

function fetchStandIn(strike: Strike, note: Note): typeof fetch {
	return async (input, init) => {
		const failure = strike();
		const { method = "GET", body } = init ?? {};
		const headers = Object.fromEntries(new Headers(init?.headers));
		note({ type: "request", method, url: String(input), headers, body: textOf(body), status: failure ?? 200 });
		if (typeof failure === "string") throw failureOf(failure);
		return new Response(null, { status: failure ?? 200 });
	};
}

function clientStandIn(strike: Strike, note: Note): ClientOf {
	const client: SendingClient = {
		async send({ constructor: { name }, input }: Command) {
			const failure = strike();
			const operation = name.replace(/Command$/, "");
			if (failure !== undefined) {
				note({ type: "call", operation, input, failure: String(failure) });
				throw failureOf(failure);
			}
			if (operation === "PutObject")
				note({ type: "object", bucket: input.Bucket, key: input.Key, body: objectText(input.Key, input.Body) });
			else note({ type: "call", operation, input: readable(input), failure: null });
			return { $metadata: { httpStatusCode: 200 }, StatusCode: 200 };
		},
	};
	return <Client extends SendingClient>() => client as unknown as Client;
}

function failureOf(failure: Failure): Error {
	if (failure === "timeout") return Object.assign(new Error("no answer in time"), { name: "TimeoutError" });
	const $metadata = typeof failure === "number" ? { httpStatusCode: failure } : {};
	return Object.assign(new Error("the test fails this attempt"), { name: "ServiceUnavailable", $metadata });
}

/** An input as a test can compare it: bytes as text. */
function readable(input: Record<string, unknown>): Record<string, unknown> {
	return Object.fromEntries(
		Object.entries(input).map(([name, value]) => [name, value instanceof Uint8Array ? textOf(value) : value]),
	);
}

function textOf(body: unknown): string {
	return body instanceof Uint8Array ? Buffer.from(body).toString("utf8") : String(body ?? "");
}
