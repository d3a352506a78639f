import { AwsError, awsJsonError } from "./aws-json.ts";
import type { LocalResponse } from "./http.ts";
import { xmlError } from "./xml.ts";

/** What an HTTP-level refusal looks like to the client that asked: JSON for the JSON protocols, XML for the rest. */
export function refusal(
	headers: Readonly<Record<string, string>>,
	{ status, code, message }: { status: number; code: string; message: string },
): LocalResponse {
	const error = new AwsError(code, message, status);
	return "x-amz-target" in headers ? awsJsonError(error) : xmlError(error);
}
