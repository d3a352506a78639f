import { join } from "node:path";

export interface FunctionEnvironment {
	functionName: string;
	memoryMb: number;
	/** Base URL of the embedded services. */
	endpoint: string;
	region: string;
	/** A folder of this run; what it does not hold stands in for the user's own AWS configuration. */
	dataDir: string;
}

/**
 * The variables a function sees: Lambda's own, and nothing of this process. In particular no profile, key or endpoint of the user:
 * a local run must not be able to reach an account.
 */
export function functionEnvironment(given: FunctionEnvironment): Record<string, string> {
	return {
		AWS_ENDPOINT_URL: given.endpoint,
		AWS_REGION: given.region,
		AWS_DEFAULT_REGION: given.region,
		AWS_ACCESS_KEY_ID: "local",
		AWS_SECRET_ACCESS_KEY: "local",
		AWS_CONFIG_FILE: join(given.dataDir, "no-aws-config"),
		AWS_SHARED_CREDENTIALS_FILE: join(given.dataDir, "no-aws-credentials"),
		AWS_EC2_METADATA_DISABLED: "true",
		AWS_LAMBDA_FUNCTION_NAME: given.functionName,
		AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
		AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(given.memoryMb),
		POWERTOOLS_DEV: "false",
		TZ: ":UTC",
	};
}
