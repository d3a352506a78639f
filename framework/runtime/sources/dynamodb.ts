import { isObject, type Source, secondsOrZero, textOrNull } from "./source.ts";

/** A table's stream: the member is the record (Lambda developer guide, "Using AWS Lambda with Amazon DynamoDB"). */
export const dynamodbSource: Source = {
	recognise: (member) => member.eventSource === "aws:dynamodb" || isObject(member.dynamodb),
	identify(member) {
		const change = isObject(member.dynamodb) ? member.dynamodb : {};
		return {
			identifier: textOrNull(change.SequenceNumber),
			eventID: textOrNull(member.eventID),
			arrived: secondsOrZero(change.ApproximateCreationDateTime),
		};
	},
	decode: (member) => ({ json: member }),
};
