/** `node child.ts <work> <JSON of ChildOptions>`: does one piece of work in a process of its own and prints what it took. */
import { LambdaClient } from "@aws-sdk/client-lambda";
import { S3Client } from "@aws-sdk/client-s3";
import { localClient } from "../../../framework/testing/lake-on-s3.ts";
import { plantSlowness } from "./slowness.ts";
import { WORKS } from "./work.ts";

export interface ChildOptions {
	endpoint: string;
	bucket: string;
	pipeline: string;
	folder: string;
	/** Records that are enough. */
	most: number;
	/** Seconds of a record to be wasted, with memory; 0 = none. */
	slowness: number;
}

export interface Figure {
	records: number;
	seconds: number;
	/** Highest resident memory of the process, in MB. */
	peakMb: number;
}

const [, , name = "", text = "{}"] = process.argv;
const { endpoint, bucket, pipeline, folder, most, slowness }: ChildOptions = JSON.parse(text);
const client = localClient(endpoint);
const place = { s3: new S3Client({ ...client, forcePathStyle: true }), bucket, pipeline };
const run = WORKS[name];
if (!run) throw new Error(`there is no work ${name}`);
const onProgress = slowness > 0 ? plantSlowness(slowness) : () => {};
const start = process.hrtime.bigint();
const records = await run({ place, lambda: new LambdaClient(client), folder, onProgress }, most);
const seconds = Number(process.hrtime.bigint() - start) / 1e9;
const figure: Figure = { records, seconds, peakMb: process.resourceUsage().maxRSS / 1024 };
process.stdout.write(JSON.stringify(figure));
