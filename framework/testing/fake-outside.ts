import type { DeliverContext, SendingClient } from "../contract/deliver.ts";

/** What the world outside says to one call of a deliverer: to a request by its status, to an SDK command by its response. */
export interface Answer {
	status?: number;
	headers?: Record<string, string>;
	/** Members of an SDK response. */
	response?: Record<string, unknown>;
	/** Members of an SDK response that arrive as bytes. */
	bytes?: Record<string, string>;
	/** Name of an error that is thrown instead. */
	error?: string;
}

/** A call as it reached the outside. */
export interface Call {
	/** URL, or the SDK command's class. */
	to: string;
	headers: Headers;
	/** A request's body, or an SDK command's input. */
	// biome-ignore lint/suspicious/noExplicitAny: inputs differ from command to command; tests look into the one they made.
	input: any;
}

export interface FakeOutside<Settings> {
	context: DeliverContext<Settings>;
	calls: Call[];
}

/** Stands in every error message and answer body of the outside: what a stranger says must not be repeated. */
export const STRANGERS_WORDS = "words-of-a-stranger";

/** Epoch milliseconds at which the fake clock stands: 2026-11-24T10:00:00Z. */
export const FAKE_NOW = 1_795_514_400_000;

/** Everything a deliverer reaches, answered by `answer`; `secret` gives one value for every reference. */
export function fakeOutside<Settings>(
	settings: Settings,
	answer: (call: Call, index: number) => Answer,
	secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
): FakeOutside<Settings> {
	const calls: Call[] = [];
	const hear = (call: Call): Answer => {
		const heard = answer(call, calls.push(call) - 1);
		if (heard.error !== undefined)
			throw Object.assign(new Error(`${STRANGERS_WORDS} ${secret}`), { name: heard.error });
		return heard;
	};
	const client = {
		// biome-ignore lint/suspicious/noExplicitAny: as in `SendingClient`.
		async send(command: any) {
			const heard = hear({ to: command.constructor.name, headers: new Headers(), input: command.input });
			const bytes = Object.entries(heard.bytes ?? {}).map(([name, text]) => [name, Buffer.from(text)]);
			return { ...heard.response, ...Object.fromEntries(bytes) };
		},
	} satisfies SendingClient;
	return {
		calls,
		context: {
			settings,
			environment: "test",
			pipeline: "orders",
			consumer: "shipping",
			client: <Client extends SendingClient>() => client as unknown as Client,
			fetch: async (url, init) => {
				const heard = hear({ to: String(url), headers: new Headers(init?.headers), input: init?.body });
				const status = heard.status ?? 200;
				const body = [204, 205, 304].includes(status) ? null : `${STRANGERS_WORDS} ${secret}`;
				return new Response(body, { status, statusText: STRANGERS_WORDS, headers: heard.headers ?? {} });
			},
			secret: async () => secret,
			now: () => FAKE_NOW,
			signal: new AbortController().signal,
		},
	};
}
