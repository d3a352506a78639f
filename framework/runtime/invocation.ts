import type { AnyDeliverer, ClientOf } from "../contract/deliver.ts";
import type { BatchResponse, LambdaContext } from "../contract/lambda.ts";
import type { Manifest } from "../contract/manifest.ts";
import type { ReplayEvent } from "../contract/replay.ts";
import type { Arrival } from "./arrival.ts";
import type { DeadLetters } from "./dead-letters.ts";
import type { Observer } from "./observer.ts";
import type { StateStore } from "./state.ts";

/** What every role is given; nothing else reaches the outside. */
export interface BaseDependencies {
	client: ClientOf;
	/** Epoch milliseconds. */
	now(): number;
	/** From 0 up to 1. */
	random(): number;
	sleep(milliseconds: number): Promise<void>;
	/** A signal that aborts after so many milliseconds. */
	timeout(milliseconds: number): AbortSignal;
	observer: Observer;
}

/** What a role that delivers is given. */
export interface Dependencies extends BaseDependencies {
	deliverers: Readonly<Record<string, AnyDeliverer>>;
	fetch: typeof fetch;
	secret(reference: string): Promise<string>;
	state: StateStore;
	deadLetters: DeadLetters;
}

/** One batch on its way through a role. */
export interface Invocation<Needs extends BaseDependencies = BaseDependencies> {
	manifest: Manifest;
	arrivals: readonly Arrival[];
	deps: Needs;
	/** What it replays; null for a stream's batch. */
	replay: ReplayEvent | null;
	/** Aborts while there is still time to write state and to answer. */
	signal: AbortSignal;
	/** Milliseconds in which something may still begin; none at 0 or less. */
	timeToStart(): number;
	/** Milliseconds until the answer must be on its way. */
	timeToAnswer(): number;
}

export type Process<Needs extends BaseDependencies = BaseDependencies> = (
	invocation: Invocation<Needs>,
) => Promise<BatchResponse>;

/** Share of the time left that is kept for state and answer, and its bounds in milliseconds. */
const MARGIN = { share: 0.1, least: 500, most: 5000 };

/** Of that, what is kept for the answer alone: whatever still hangs then is not waited for. */
const ANSWER_SHARE = 0.2;

export interface Deadline extends Pick<Invocation, "signal" | "timeToStart" | "timeToAnswer"> {
	/** Aborts when the answer must be given, with or without the work. */
	lastCall: AbortSignal;
}

/** The ends of an invocation: nothing begins after the first, everything is aborted at the second, the answer is given at the last. */
export function deadlineOf(context: LambdaContext, deps: BaseDependencies): Deadline {
	const remaining = context.getRemainingTimeInMillis();
	const margin = Math.min(MARGIN.most, Math.max(MARGIN.least, remaining * MARGIN.share));
	const before = (milliseconds: number): AbortSignal => deps.timeout(Math.max(0, Math.floor(remaining - milliseconds)));
	return {
		timeToStart: () => context.getRemainingTimeInMillis() - 2 * margin,
		signal: before(margin),
		timeToAnswer: () => context.getRemainingTimeInMillis() - 2 * ANSWER_SHARE * margin,
		lastCall: before(ANSWER_SHARE * margin),
	};
}
