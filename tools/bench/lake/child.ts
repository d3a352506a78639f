/** `node child.ts <work> <JSON of ChildOptions>`: does one piece of work in a process of its own and prints what it took. */
import { plantSlowness } from "./slowness.ts";
import { WORKS } from "./work.ts";

export interface ChildOptions {
	/** Of the project. */
	root: string;
	endpoint: string;
	bucket: string;
	/** Where the bucket lies as plain files. */
	folder: string;
	pipeline: string;
	functionName: string;
	/** Records that are enough. */
	most: number;
	/** Seconds of a record to be wasted, with memory; 0 = none. */
	slowness: number;
	/** Bytes to be kept of each record then. */
	kept: number;
}

export interface Figure {
	records: number;
	seconds: number;
	/** Highest resident memory of the process, in MB. */
	peakMb: number;
}

const [, , name = "", text = "{}"] = process.argv;
const options: ChildOptions = JSON.parse(text);
const run = WORKS[name];
if (!run) throw new Error(`there is no work ${name}`);
const onProgress = options.slowness > 0 ? plantSlowness(options) : null;
const start = process.hrtime.bigint();
const records = await run({ ...options, onProgress });
// The command's own progress ends a little before it does.
onProgress?.(records);
const seconds = Number(process.hrtime.bigint() - start) / 1e9;
const figure: Figure = { records, seconds, peakMb: process.resourceUsage().maxRSS / 1024 };
process.stdout.write(JSON.stringify(figure));
