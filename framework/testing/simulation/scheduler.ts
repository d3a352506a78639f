import type { Clock } from "../../local/clock.ts";

/** Virtual time: what happens next is the earliest event, and of two at once the one that was planned first. */
export interface Scheduler extends Clock {
	/** Plays events until none is left before `end` (epoch milliseconds) or `until` says enough. False when `most` events did not do. */
	run(end: number, most: number, until?: () => boolean): Promise<boolean>;
}

interface Event {
	at: number;
	order: number;
	callback: (() => void) | null;
}

export function createScheduler(start: number): Scheduler {
	const heap = createHeap();
	let time = start;
	let order = 0;
	return {
		now: () => time,
		after(milliseconds, callback) {
			const event: Event = { at: time + Math.max(0, milliseconds), order: order++, callback };
			heap.push(event);
			return () => {
				event.callback = null;
			};
		},
		async run(end, most, until = () => false) {
			for (let played = 0; played < most; ) {
				if (until()) return true;
				const event = heap.peek();
				if (!event || event.at > end) {
					time = Math.max(time, end);
					return true;
				}
				heap.pop();
				if (event.callback === null) continue;
				time = Math.max(time, event.at);
				event.callback();
				played++;
				await settle();
			}
			return false;
		},
	};
}

/** Everything that needs no event has run when the event loop turns: nothing here waits for anything real. */
function settle(): Promise<void> {
	return new Promise((resolve) => setImmediate(resolve));
}

function createHeap() {
	const events: Event[] = [];
	const before = (a: number, b: number): boolean => {
		const [one, other] = [events[a] as Event, events[b] as Event];
		return one.at < other.at || (one.at === other.at && one.order < other.order);
	};
	const swap = (a: number, b: number): void => {
		const one = events[a] as Event;
		events[a] = events[b] as Event;
		events[b] = one;
	};
	return {
		peek: () => events[0],
		push(event: Event) {
			let index = events.push(event) - 1;
			for (let parent = (index - 1) >> 1; index > 0 && before(index, parent); parent = (index - 1) >> 1) {
				swap(index, parent);
				index = parent;
			}
		},
		pop() {
			swap(0, events.length - 1);
			events.pop();
			let index = 0;
			for (;;) {
				const [left, right] = [2 * index + 1, 2 * index + 2];
				let least = index;
				if (left < events.length && before(left, least)) least = left;
				if (right < events.length && before(right, least)) least = right;
				if (least === index) return;
				swap(index, least);
				index = least;
			}
		},
	};
}
