import { percentile, renderTable } from "./table.ts";

/** What was read back of one consumer. */
export interface ConsumerResult {
	name: string;
	selected: number;
	delivered: number;
	parked: number;
	/** Milliseconds from just before the write was sent to the delivery; unsorted, without what TTL did. */
	latencies: number[];
}

export interface DemoResult {
	events: number;
	/** Seconds from the first write to the last arrival. */
	seconds: number;
	consumers: ConsumerResult[];
	lake: { objects: number; records: number };
	signatures: { valid: number; asked: number };
	problems: string[];
	/** Files and folders to look into, by what is there. */
	places: Record<string, string>;
}

const milliseconds = (value: number | undefined): string => (value === undefined ? "-" : `${Math.round(value)} ms`);

function consumerRow({ name, selected, delivered, parked, latencies }: ConsumerResult): string[] {
	const sorted = [...latencies].sort((a, b) => a - b);
	const counts = [selected, delivered, parked].map(String);
	return [name, ...counts, milliseconds(percentile(sorted, 0.5)), milliseconds(percentile(sorted, 0.99))];
}

/** What a person reads at the end. */
export function renderResult(result: DemoResult): string {
	const { lake, signatures, problems, places } = result;
	const width = Math.max(...Object.keys(places).map((name) => name.length));
	return [
		"",
		renderTable(["consumer", "selected", "delivered", "parked", "p50", "p99"], result.consumers.map(consumerRow)),
		"",
		`lake        ${lake.objects} objects, ${lake.records} records`,
		`signatures  ${signatures.valid} of ${signatures.asked} webhooks verified`,
		`time        ${result.events} events in ${result.seconds.toFixed(1)} s, ${Math.round(result.events / result.seconds)} a second, from the first write to the last arrival`,
		"",
		...(problems.length === 0
			? ["check       passed: per item, lake and consumers hold what was written, in order, each change once"]
			: ["check       FAILED", ...problems.map((problem) => `  ${problem}`)]),
		"",
		...Object.entries(places).map(([name, place]) => `${name.padEnd(width)}  ${place}`),
		"",
	].join("\n");
}
