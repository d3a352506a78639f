import type { S3Client } from "@aws-sdk/client-s3";
import { lakePrefix as prefixOf } from "../contract/places.ts";

/** Where a pipeline's lake lies: any S3, the local run's as well as AWS's. */
export interface LakePlace {
	s3: S3Client;
	bucket: string;
	pipeline: string;
}

/** Prefix of everything that the pipeline keeps in the lake bucket. */
export const lakePrefix = ({ pipeline }: Pick<LakePlace, "pipeline">): string => prefixOf(pipeline);
