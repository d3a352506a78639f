import type { Clock } from "../clock.ts";
import type { LocalService } from "../http.ts";
import type { Write } from "./commits.ts";
import type { Store } from "./store.ts";
import type { LogEntry } from "./stream-log.ts";
import { padSequence } from "./stream-log.ts";

/** Where it is served: `GET /_changes?table=T&from=<epoch seconds>&after=<next of the page before>`. */
export const CHANGE_LOG_PATH = "/_changes";

const SINCE_ROW = "change-log";
const DIGITS_OF_TIME = 15;
const PAGE = 10_000;

/** A page of a table's changes, in the order of their times. */
export interface ChangePage {
	/** Since when changes are noted, epoch milliseconds: a folder may be older than its log. */
	since: number;
	/** `time` in epoch seconds, as the record has it. */
	changes: { eventID: string; time: number }[];
	/** Where the next page begins; null at the end. */
	next: string | null;
}

export interface ChangeLog {
	/** To be written with the change itself. */
	note(table: string, eventID: string, entry: LogEntry): Write;
	service: LocalService;
}

const prefixOf = (table: string): string => `change~${table}~`;
const timeText = (milliseconds: number): string => String(milliseconds).padStart(DIGITS_OF_TIME, "0");

/**
 * Which changes of each table had a stream record: eventIDs and times, in the same commit as the item. Streams forget after a day and
 * this never does, so that whoever stores what the stream brought can be held to it.
 */
export async function openChangeLog(store: Store, clock: Clock): Promise<ChangeLog> {
	const known = (await store.db.get(SINCE_ROW)) as { since: number } | undefined;
	const since = known?.since ?? clock.now();
	if (!known) await store.db.batch([{ type: "put", key: SINCE_ROW, value: { since } }]);
	return {
		note: (table, eventID, { sequence, arrivedAt }) => ({
			type: "put",
			key: `${prefixOf(table)}${timeText(arrivedAt)}~${padSequence(sequence)}`,
			value: eventID,
			valueEncoding: "utf8",
		}),
		async service({ query }) {
			const prefix = prefixOf(query.get("table") ?? "");
			const after = query.get("after");
			const from = Number(query.get("from") ?? 0) * 1000;
			const start = after === null ? { gte: `${prefix}${timeText(from)}` } : { gt: `${prefix}${after}` };
			const rows = store.db.iterator({
				...start,
				lt: `${prefix}\uffff`,
				limit: PAGE,
				valueEncoding: "utf8",
			});
			const page: ChangePage = { since, changes: [], next: null };
			for await (const [key, eventID] of rows) {
				const rest = key.slice(prefix.length);
				page.changes.push({ eventID, time: Math.floor(Number(rest.slice(0, DIGITS_OF_TIME)) / 1000) });
				if (page.changes.length === PAGE) page.next = rest;
			}
			return { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(page) };
		},
	};
}
