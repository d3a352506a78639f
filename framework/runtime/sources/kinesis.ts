import { isUtf8 } from "node:buffer";
import { lowestByPosition } from "./respond.ts";
import { type Content, isObject, type Source, secondsOrZero, textOrNull } from "./source.ts";

/** First bytes of an aggregate of the Kinesis Producer Library (amazon-kinesis-producer, aggregation-format.md). */
const AGGREGATE = Buffer.from("f3899ac2", "hex");

/**
 * The fan-out's stream: the record is in `kinesis.data`, base64 (Lambda developer guide, "Using Lambda with Kinesis Data Streams").
 * Our router writes it as JSON, and so does DynamoDB's own Kinesis destination. Anything else that is in the stream is some
 * stranger's: kept as it came, and no record.
 */
export const kinesisSource: Source = {
	repeats: true,
	identify(member) {
		const kinesis = isObject(member.kinesis) ? member.kinesis : {};
		return {
			identifier: textOrNull(kinesis.sequenceNumber),
			eventID: textOrNull(member.eventID),
			arrived: secondsOrZero(kinesis.approximateArrivalTimestamp),
		};
	},
	decode(member) {
		const data = isObject(member.kinesis) ? member.kinesis.data : undefined;
		if (typeof data !== "string") return { json: member };
		return contentOf(Buffer.from(data, "base64"), () => Buffer.from(data, "base64"));
	},
	respond: lowestByPosition,
};

/** JSON travels on as the text that came, for numbers in it may have more digits than JavaScript keeps; `again` gives its bytes to those few who ask. */
export function contentOf(bytes: Buffer, again: () => Buffer = () => bytes): Content {
	if (bytes.subarray(0, AGGREGATE.length).equals(AGGREGATE))
		return {
			bytes,
			problem:
				"its data is an aggregate of the Kinesis Producer Library, whose records only enhanced fan-out takes apart",
		};
	// Decoding would put other characters for what is no UTF-8.
	if (!isUtf8(bytes)) return { bytes, problem: "its data is not UTF-8" };
	const text = bytes.toString("utf8");
	try {
		// A line break in JSON is never part of a value.
		return {
			json: JSON.parse(text),
			text: () =>
				again()
					.toString("utf8")
					.replace(/[\r\n]+/g, " "),
		};
	} catch {
		return { bytes, problem: "its data is not JSON" };
	}
}
