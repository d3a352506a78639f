import type { Clock } from "../../local/clock.ts";
import type { InvocationFact } from "./facts.ts";

/** An execution environment: events reach it only while it lives, and wait while it is frozen. */
export interface Container {
	readonly id: number;
	readonly dead: boolean;
	/** What it works on; null while it is frozen. */
	invocation: InvocationFact | null;
	/** Calls back after so many milliseconds, unless it died; frozen time counts, as it does for real timers. */
	after(milliseconds: number, callback: () => void): void;
	thaw(invocation: InvocationFact, onDeath: (why: string) => void): void;
	freeze(): void;
	kill(why: string): void;
	/** Work was left over when it was last frozen. */
	leftOver(): number;
}

export function createContainer(id: number, clock: Clock): Container {
	let dead = false;
	let backlog: (() => void)[] = [];
	let pending = 0;
	let die: ((why: string) => void) | null = null;
	const deliver = (callback: () => void): void => {
		if (dead) return;
		if (container.invocation === null) backlog.push(callback);
		else {
			pending -= 1;
			callback();
		}
	};
	const container: Container = {
		id,
		get dead() {
			return dead;
		},
		invocation: null,
		after(milliseconds, callback) {
			pending += 1;
			clock.after(milliseconds, () => deliver(callback));
		},
		thaw(invocation, onDeath) {
			container.invocation = invocation;
			die = onDeath;
			const waiting = backlog;
			backlog = [];
			for (const callback of waiting) clock.after(0, () => deliver(callback));
		},
		freeze() {
			container.invocation = null;
			die = null;
		},
		kill(why) {
			if (dead) return;
			dead = true;
			container.invocation = null;
			die?.(why);
		},
		leftOver: () => pending,
	};
	return container;
}
