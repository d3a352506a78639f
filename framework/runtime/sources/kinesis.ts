import { isObject, type Source, secondsOrZero, textOrNull } from "./source.ts";

/** The fan-out's stream: the record is JSON in `kinesis.data`, base64 (Lambda developer guide, "Using Lambda with Kinesis Data Streams"). */
export const kinesisSource: Source = {
	recognise: (member) => member.eventSource === "aws:kinesis" || isObject(member.kinesis),
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
		const bytes = Buffer.from(data, "base64");
		try {
			return { json: JSON.parse(bytes.toString("utf8")) };
		} catch {
			return { bytes, problem: "its data is not JSON" };
		}
	},
};
