import type { Change, NumberStyle } from "./change.ts";
import type { Images } from "./deliver.ts";

/** What a receiver gets of a record: a flat row, a CloudEvent, or the record as DynamoDB wrote it. */
export type Content = "item" | "event" | "record";

/** The settings that every kind which sends JSON has. */
export interface ContentSettings {
	content: Content;
	/** How numbers are written in `item` and `event`; in a `record` they are text already. */
	numbers: NumberStyle;
}

/** The images that a content is made of. */
export function imagesOf({ content }: Pick<ContentSettings, "content">): Images {
	return content === "item" ? "new" : "both";
}

/** One line of JSON for a record. */
export function contentJson(change: Change, { content, numbers }: ContentSettings): string {
	if (content === "item") return change.itemJson(numbers);
	return content === "event" ? change.eventJson(numbers) : change.recordJson();
}
