import type { Clock } from "../../local/clock.ts";
import type { Container } from "./container.ts";
import { addTo, type Facts, type InvocationFact } from "./facts.ts";
import { type Chance, chanceOf } from "./random.ts";
import type { Fault, Scenario, Target } from "./scenario.ts";
import type { Trace } from "./trace.ts";

/** A call out of a container. */
export interface Call {
	target: Target;
	/** For the trace. */
	what: string;
	truths: readonly number[];
	/** Does it; with `partial` only as far as that says. Answers or throws what the service would. */
	apply(invocation: InvocationFact, partial: Chance | null): unknown;
	/** What the service says when it does not do it: an answer, or an error thrown. */
	refuse(how: "refused" | "throttled"): unknown;
	/** The answer reached the function. */
	confirmed?(): void;
}

export interface Network {
	send(container: Container, call: Call, signal: AbortSignal | undefined): Promise<unknown>;
}

type CallsFault = Extract<Fault, { kind: "calls" }>;

/** Carries calls to services and answers back, each when it is due, unless a fault has it otherwise. */
export function createNetwork(scenario: Scenario, clock: Clock, start: number, facts: Facts, trace: Trace): Network {
	const counts = new Map<Target, number>();
	const latencies = chanceOf(scenario.seed, "latency");
	const strike = (
		call: Call,
		{ function: by, truths }: InvocationFact,
	): { fault: CallsFault; chance: Chance } | null => {
		const count = (counts.get(call.target) ?? 0) + 1;
		counts.set(call.target, count);
		const time = clock.now() - start;
		for (const [index, fault] of scenario.faults.entries()) {
			if (fault.kind !== "calls" || fault.target !== call.target || time < fault.from || time >= fault.to) continue;
			const chance = chanceOf(scenario.seed, "strike", fault.target, fault.how, fault.from, count);
			if (!chance.happens(fault.share)) continue;
			addTo(facts.touched, index, call.truths.length > 0 ? call.truths : truths);
			addTo(facts.struck, index, [by]);
			return { fault, chance };
		}
		return null;
	};
	const killAt = ({ function: name, index, truths }: InvocationFact, call: number): "before" | "applied" | null => {
		const at = scenario.faults.findIndex(
			(fault) => fault.kind === "kill" && fault.function === name && fault.invocation === index && fault.call === call,
		);
		const fault = scenario.faults[at];
		if (fault?.kind !== "kill") return null;
		addTo(facts.touched, at, truths);
		return fault.moment;
	};
	const network: Network = {
		send(container, call, signal) {
			const invocation = container.invocation;
			// What is left over when it freezes goes on when it thaws.
			if (!invocation)
				return new Promise((resolve, reject) => {
					container.after(0, () => network.send(container, call, signal).then(resolve, reject));
				});
			const kill = killAt(invocation, invocation.calls++);
			if (kill === "before") {
				container.kill(`was killed before ${call.what}`);
				return new Promise(() => {});
			}
			return new Promise((resolve, reject) => {
				let over = false;
				const settle = (finish: () => void): void => {
					if (over) return;
					over = true;
					finish();
				};
				const abort = (): void => settle(() => reject(named("AbortError", "The request was aborted.")));
				if (signal?.aborted) return abort();
				signal?.addEventListener("abort", abort, { once: true });
				const answer = (delay: number, finish: () => void): void => container.after(delay, () => settle(finish));
				const respond = (delay: number, make: () => unknown, confirm: boolean): void => {
					const made = attempt(make);
					answer(delay, () => {
						if (!made.ok) return reject(made.error);
						if (confirm) call.confirmed?.();
						resolve(made.value);
					});
				};
				const arrive = (): void => {
					const struck = strike(call, invocation);
					const how = struck?.fault.how ?? null;
					trace.add(clock.now(), `  ${call.what} [${invocation.function} #${invocation.index}]${how ? ` ${how}` : ""}`);
					const back = latencies.integer(1, 15);
					if (how === "hangs")
						answer(HANGING_MILLISECONDS, () => reject(named("ECONNRESET", "The connection was lost.")));
					else if (how === "refused" || how === "throttled") respond(back, () => call.refuse(how), false);
					else if (how === "late") {
						const givenUp = struck?.chance.integer(2000, 4000) ?? 0;
						const landing = givenUp + (struck?.chance.integer(0, latestOf(call.target)) ?? 0);
						clock.after(landing, () => void attempt(() => call.apply(invocation, null)));
						answer(givenUp, () => reject(named("TimeoutError", "There was no answer.")));
					} else if (how === "lost") {
						attempt(() => call.apply(invocation, null));
						answer(back, () => reject(named("ECONNRESET", "The connection was reset.")));
					} else {
						const partial = how === "partial" ? (struck?.chance ?? null) : null;
						const delay = how === "slow" ? (struck?.chance.integer(500, 5000) ?? 0) : back;
						respond(delay, () => call.apply(invocation, partial), true);
					}
					if (kill === "applied") container.kill(`was killed behind ${call.what}`);
				};
				container.after(latencies.integer(0, 2), () => clock.after(latencies.integer(1, 15), arrive));
			});
		},
	};
	return network;
}

/** A connection that hangs is lost in the end: behind the answer of whoever waited, if that came in time. */
const HANGING_MILLISECONDS = 90_000;

/** How long after it was given up a call may still land. Of Kinesis the writer assumes five seconds at most (docs/adr/0010). */
const latestOf = (target: Target): number => (target === "kinesis" ? 4500 : 36_000);

type Attempt = { ok: true; value: unknown } | { ok: false; error: unknown };

function attempt(make: () => unknown): Attempt {
	try {
		return { ok: true, value: make() };
	} catch (error) {
		return { ok: false, error };
	}
}

/** An error as the SDK throws it. */
export function named(name: string, message: string): Error {
	return Object.assign(new Error(message), { name });
}
