import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import { S3Client } from "@aws-sdk/client-s3";
import { LOCAL_CLIENT } from "./local-client.ts";
import type { Services } from "./services.ts";

/** What a run reaches its own services with, over the wire as any program does. */
export interface Clients {
	dynamodb: DynamoDBClient;
	kinesis: KinesisClient;
	s3: S3Client;
}

export function connect({ endpoint, bindings }: Pick<Services, "endpoint" | "bindings">): Clients {
	const configuration = { ...LOCAL_CLIENT, endpoint, region: bindings.region };
	return {
		dynamodb: new DynamoDBClient(configuration),
		kinesis: new KinesisClient(configuration),
		s3: new S3Client({ ...configuration, forcePathStyle: true }),
	};
}

export function disconnect({ dynamodb, kinesis, s3 }: Clients): void {
	for (const client of [dynamodb, kinesis, s3]) client.destroy();
}
