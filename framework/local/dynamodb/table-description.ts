import { VIEW_TYPES, type ViewType } from "../../contract/dynamodb.ts";
import type { JsonInput } from "../aws-json.ts";
import { objectIn, validationError } from "./input.ts";
import type { Stream } from "./streams.ts";

/** Members of a table's description that dynalite drops; they lie in its row of the table, which it describes as it is. */
export function describedSettings(input: JsonInput): Record<string, unknown> {
	const { DeletionProtectionEnabled, TableClass, SSESpecification, OnDemandThroughput } = input;
	return {
		...(DeletionProtectionEnabled !== undefined && { DeletionProtectionEnabled }),
		...(TableClass !== undefined && { TableClassSummary: { TableClass } }),
		...(SSESpecification !== undefined && { SSEDescription: describedEncryption(objectIn(input, "SSESpecification")) }),
		...(OnDemandThroughput !== undefined && { OnDemandThroughput }),
	};
}

/** Absent for the key that AWS owns. */
function describedEncryption({ Enabled, SSEType = "KMS", KMSMasterKeyId }: JsonInput): object | undefined {
	if (Enabled !== true) return undefined;
	return { Status: "ENABLED", SSEType, ...(KMSMasterKeyId !== undefined && { KMSMasterKeyArn: KMSMasterKeyId }) };
}

export function describedStream({ viewType, label, arn }: Stream): Record<string, unknown> {
	return {
		StreamSpecification: { StreamEnabled: true, StreamViewType: viewType },
		LatestStreamLabel: label,
		LatestStreamArn: arn,
	};
}

/** The view type that a stream is to be enabled with; null = disabled; undefined = not spoken of. */
export function requestedView(input: JsonInput): ViewType | null | undefined {
	if (input.StreamSpecification === undefined) return undefined;
	const { StreamEnabled, StreamViewType } = objectIn(input, "StreamSpecification");
	if (typeof StreamEnabled !== "boolean") throw validationError("StreamSpecification needs StreamEnabled.");
	if (!StreamEnabled) {
		if (StreamViewType === undefined) return null;
		throw validationError("One or more parameter values were invalid: StreamViewType is given for a disabled stream");
	}
	const view = VIEW_TYPES.find((each) => each === StreamViewType);
	if (!view)
		throw validationError(
			`StreamSpecification with StreamEnabled needs a StreamViewType, one of ${VIEW_TYPES.join(", ")}.`,
		);
	return view;
}
