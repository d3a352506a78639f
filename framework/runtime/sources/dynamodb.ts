import { lowestByPosition } from "./respond.ts";
import { isObject, type Source, textOrNull } from "./source.ts";

/** A table's stream: the member is the record (Lambda developer guide, "Using AWS Lambda with Amazon DynamoDB"). */
export const dynamodbSource: Source = {
	repeats: false,
	identify(member) {
		const change = isObject(member.dynamodb) ? member.dynamodb : {};
		return {
			identifier: textOrNull(change.SequenceNumber),
			eventID: textOrNull(member.eventID),
			// The record itself says when.
			arrived: 0,
		};
	},
	decode: (member) => ({ json: member }),
	respond: lowestByPosition,
};
