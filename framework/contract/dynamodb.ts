/** A DynamoDB value as it stands in a stream record: numbers are text, binary is base64. */
export type AttributeValue =
	| { S: string }
	| { N: string }
	| { B: string }
	| { BOOL: boolean }
	| { NULL: boolean }
	| { L: AttributeValue[] }
	| { M: Item }
	| { SS: string[] }
	| { NS: string[] }
	| { BS: string[] };

export type Item = { [attribute: string]: AttributeValue };

export const VIEW_TYPES = ["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"] as const;
export type ViewType = (typeof VIEW_TYPES)[number];

/**
 * One change of one item, as DynamoDB Streams writes it and Lambda hands it on.
 * Nothing but AWS vouches for the shape: whoever decodes an event checks what it uses.
 */
export interface StreamRecord {
	/** Unique for a change; the identity of the record everywhere in Tributary. */
	eventID: string;
	eventName: "INSERT" | "MODIFY" | "REMOVE";
	eventVersion?: string;
	eventSource: "aws:dynamodb";
	awsRegion?: string;
	/** The stream's ARN; ends with the stream's label, an ISO time. Lambda adds it, the Streams API does not. */
	eventSourceARN?: string;
	/** Present only on deletes that a service made; TTL is `{type: "Service", principalId: "dynamodb.amazonaws.com"}`. */
	userIdentity?: { type: string; principalId: string };
	dynamodb: {
		/** Epoch seconds, whole. */
		ApproximateCreationDateTime?: number;
		Keys: Item;
		NewImage?: Item;
		OldImage?: Item;
		/** 21 to 40 digits, rising per item, neither contiguous nor unique across shards. */
		SequenceNumber?: string;
		/** Bytes of keys and images. */
		SizeBytes?: number;
		StreamViewType?: ViewType;
	};
}
