import type { Bookmark } from "./bookmark.ts";
import type { LakeHour, LakeObject } from "./list.ts";

/** An object of an hour that is being read, at the place in the stream where it begins. */
export interface Held {
	object: LakeObject;
	partition: string;
	/** Below the lake's prefix. */
	key: string;
	label: string;
	sequence: string;
	/** It was not there when its hour was listed, before the reading that this one goes on with. */
	late: boolean;
	/** Takes it out of those that wait. */
	open(): void;
	/** All of it is given out. */
	finish(): void;
}

interface Hour {
	partition: string;
	states: Map<string, "waiting" | "open" | "done">;
	waiting: number;
	unfinished: number;
}

const nameOf = (key: string): string => key.slice(key.lastIndexOf("/") + 1);

/** The hours that are being read, and what became of their objects. */
export function createHoursInView() {
	let hours: Hour[] = [];
	/** The last one stays: it says how far was listed. */
	const drop = (): void => {
		const first = hours.findIndex(({ unfinished }) => unfinished > 0);
		hours = hours.slice(first === -1 ? -1 : first);
	};
	return {
		/** Hours with objects that wait. */
		waiting: (): number => hours.filter(({ waiting }) => waiting > 0).length,
		/** Takes an hour in. `before`: what became of its objects in an earlier reading. Answers those that are not done. */
		add({ partition, objects }: LakeHour, label: string, before: Before | null): Held[] {
			const hour: Hour = { partition, states: new Map(), waiting: 0, unfinished: 0 };
			drop();
			hours.push(hour);
			return objects.flatMap((object) => {
				const name = nameOf(object.key);
				const key = `${partition}/${name}`;
				const known = before?.stateOf(key);
				const state = known ?? "waiting";
				hour.states.set(name, state);
				if (state === "done") return [];
				hour.unfinished += 1;
				if (state === "waiting") hour.waiting += 1;
				return {
					object,
					partition,
					key,
					label: before?.labels[key] ?? label,
					sequence: object.first,
					late: before !== null && known === undefined,
					open() {
						hour.waiting -= 1;
						hour.states.set(name, "open");
					},
					finish() {
						if (hour.states.get(name) === "done") return;
						hour.unfinished -= 1;
						hour.states.set(name, "done");
						drop();
					},
				};
			});
		},
		mark: (): Bookmark["hours"] =>
			hours.map(({ partition, states }) => {
				const names = (wanted: string): string[] =>
					Array.from(states).flatMap(([name, state]) => (state === wanted ? name : []));
				return { partition, done: names("done"), waiting: names("waiting") };
			}),
	};
}

/** What an earlier reading knew of the objects of its hours. */
export interface Before {
	/** By a key below the lake's prefix; undefined: it knew no such object. */
	stateOf(key: string): "waiting" | "open" | "done" | undefined;
	labels: Readonly<Record<string, string>>;
	knows(partition: string): boolean;
	/** Keys of those that were not done. */
	unfinished: string[];
}

export function recall({ hours, open, otherLabels }: Bookmark): Before {
	const states = new Map<string, "waiting" | "open" | "done">();
	for (const { partition, done, waiting } of hours) {
		for (const name of done) states.set(`${partition}/${name}`, "done");
		for (const name of waiting) states.set(`${partition}/${name}`, "waiting");
	}
	for (const { key } of open) states.set(key, "open");
	const partitions = new Set(hours.map(({ partition }) => partition));
	return {
		stateOf: (key) => states.get(key),
		labels: otherLabels,
		knows: (partition) => partitions.has(partition),
		unfinished: [...states].flatMap(([key, state]) => (state === "done" ? [] : key)),
	};
}
