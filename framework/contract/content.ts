import type { Change, NumberStyle } from "./change.ts";

/** What a receiver gets of a record: a flat row, a CloudEvent, or the record as DynamoDB wrote it. */
export type Content = "item" | "event" | "record";

/** The settings that every kind which sends JSON has. */
export interface ContentSettings {
	content: Content;
	/** How numbers are written in `item` and `event`; in a `record` they are text already. */
	numbers: NumberStyle;
}

/** One line of JSON for a record. */
export function contentJson(change: Change, { content, numbers }: ContentSettings): string {
	if (content === "item") return change.itemJson(numbers);
	return content === "event" ? change.eventJson(numbers) : change.recordJson();
}
