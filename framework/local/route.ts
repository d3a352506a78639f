import { CHANGE_LOG_PATH } from "./dynamodb/change-log.ts";
import type { LocalRequest, LocalService } from "./http.ts";

export interface RoutedServices {
	dynamodb: LocalService;
	kinesis: LocalService;
	s3: LocalService;
	lambda: LocalService;
	secrets: LocalService;
	receiver: LocalService;
	metrics: LocalService;
	changeLog: LocalService;
}

/** Prefixes of `X-Amz-Target` by service, as each service's model names them. */
const TARGETS: Readonly<Record<string, keyof RoutedServices>> = {
	DynamoDB_20120810: "dynamodb",
	DynamoDBStreams_20120810: "dynamodb",
	Kinesis_20131202: "kinesis",
	secretsmanager: "secrets",
	AmazonSSM: "secrets",
	GraniteServiceVersion20100801: "metrics",
};

const PATHS: readonly [prefix: string, service: keyof RoutedServices][] = [
	["/2015-03-31/functions/", "lambda"],
	["/2015-03-31/event-source-mappings", "lambda"],
	["/_receiver/", "receiver"],
	[CHANGE_LOG_PATH, "changeLog"],
];

/**
 * Tells the services behind one port apart by what each protocol says of itself; what says nothing is S3, path-style.
 * null = a service that is not here.
 */
export function routeByProtocol(services: RoutedServices): (request: LocalRequest) => LocalService | null {
	return ({ headers, path }) => {
		const target = headers["x-amz-target"]?.split(".")[0];
		if (target !== undefined) return Object.hasOwn(TARGETS, target) ? services[TARGETS[target] ?? "s3"] : null;
		return services[PATHS.find(([prefix]) => path.startsWith(prefix))?.[1] ?? "s3"];
	};
}
