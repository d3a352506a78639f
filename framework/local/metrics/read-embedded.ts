import { createReadStream, existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** Values of one metric from one line. */
export interface EmbeddedValues {
	namespace: string;
	name: string;
	dimensions: readonly (readonly [name: string, value: string])[];
	/** Epoch milliseconds. */
	time: number;
	values: readonly number[];
}

interface Line {
	_aws?: {
		Timestamp: number;
		CloudWatchMetrics: { Namespace: string; Dimensions: string[][]; Metrics: { Name: string }[] }[];
	};
	[member: string]: unknown;
}

/** What the logs of a folder say in CloudWatch's embedded metric format. Other lines, and one that is cut off, are passed over. */
export async function* readEmbedded(folder: string): AsyncGenerator<EmbeddedValues> {
	if (!existsSync(folder)) return;
	for (const file of readdirSync(folder).filter((name) => name.endsWith(".log")))
		for await (const text of createInterface({ input: createReadStream(join(folder, file)) }))
			if (text.includes('"_aws"')) yield* valuesOf(text);
}

function* valuesOf(text: string): Generator<EmbeddedValues> {
	let line: Line;
	try {
		line = JSON.parse(text);
	} catch {
		return;
	}
	if (!line?._aws) return;
	const { Timestamp: time, CloudWatchMetrics } = line._aws;
	for (const { Namespace: namespace, Dimensions, Metrics } of CloudWatchMetrics)
		for (const names of Dimensions)
			for (const { Name: name } of Metrics) {
				const dimensions = names.map((each) => [each, String(line[each])] as const);
				const values = [line[name] ?? []].flat().map(Number);
				yield { namespace, name, dimensions, time, values };
			}
}
