/**
 * What it costs to read a lake back: query, replay and verify, beside a plain DuckDB query over the same files and the script that
 * everybody writes first. Each in a process of its own; the embedded S3 and the function that is called are in this one.
 *
 *     npm run bench:lake [-- --events N | --rounds N | --slow]
 */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import type { LocalService } from "../../framework/local/http.ts";
import { startLake } from "../../framework/testing/lake-on-s3.ts";
import { type Bar, judge, print } from "./judge.ts";
import type { ChildOptions, Figure } from "./lake/child.ts";
import { makeLake } from "./lake/make.ts";

/** Records after which the script's rate is known: it has none that changes with the lake's size. */
const NAIVE_RECORDS = 20_000;
/** The smaller of the two lakes is so much smaller. */
const TIMES = 10;

const { values } = parseArgs({
	options: {
		events: { type: "string", default: "1000000" },
		rounds: { type: "string", default: "3" },
		slow: { type: "boolean", default: false },
	},
});
const [events, rounds] = [values.events, values.rounds].map(Number) as [number, number];
// A smaller lake is read before the process has the memory that it works with.
if (!Number.isInteger(events) || events < 100_000) throw new Error("--events takes a whole number from 100000.");
if (!Number.isInteger(rounds) || rounds < 1) throw new Error("--rounds takes a whole number from 1.");

/** Answers Lambda's Invoke: the function does nothing. */
const noFunction: LocalService = async () => ({
	status: 200,
	headers: { "content-type": "application/json" },
	body: '{"batchItemFailures":[],"outcomes":[]}',
});
const lake = await startLake("large", ({ path }) => (path.includes("/functions/") ? noFunction : null));
try {
	const large = events;
	const small = Math.round(events / TIMES);
	await makeLake(lake.place, large);
	await makeLake({ ...lake.place, pipeline: "small" }, small);
	const figures = new Map<string, Figure[]>();
	const child = fileURLToPath(new URL("lake/child.ts", import.meta.url));
	const measure = async (work: string, pipeline: "large" | "small", expected: number, slowness = 0): Promise<void> => {
		const { endpoint, folder, place } = lake;
		const options: ChildOptions = { endpoint, folder, bucket: place.bucket, pipeline, most: expected, slowness };
		const { stdout } = await promisify(execFile)(process.execPath, [
			"--no-warnings",
			child,
			work,
			JSON.stringify(options),
		]);
		const figure: Figure = JSON.parse(stdout);
		if (figure.records !== expected) throw new Error(`${work} had ${figure.records} records instead of ${expected}`);
		const name = `${work} ${pipeline}`;
		figures.set(name, [...(figures.get(name) ?? []), figure]);
	};
	const median = (name: string, of: (figure: Figure) => number): number => {
		const sorted = (figures.get(name) ?? []).map(of).sort((one, other) => one - other);
		return sorted[sorted.length >> 1] ?? Number.NaN;
	};
	const rate = (name: string): number => median(name, ({ records, seconds }) => records / seconds);
	const peak = (name: string): number => median(name, ({ peakMb }) => peakMb);

	for (let round = 0; round < rounds; round++) {
		await measure("naive", "small", Math.min(NAIVE_RECORDS, small));
		// Half a record of the script's: twice as fast as it at best.
		const slowness = values.slow ? 0.5 / rate("naive small") : 0;
		for (const work of ["verify", "replay", "query"]) {
			await measure(work, "small", small, slowness);
			await measure(work, "large", large, slowness);
		}
		await measure("duckdb", "large", large);
	}

	print(`${large} and ${small} events, median of ${rounds} rounds, node ${process.version}\n`);
	print("                records/s   to naive   peak MB");
	for (const name of figures.keys())
		print(
			`${name.padEnd(14)}  ${rate(name).toFixed(0).padStart(9)}  ${(rate(name) / rate("naive small")).toFixed(1).padStart(9)}  ${peak(name).toFixed(0).padStart(8)}`,
		);
	print("");
	const faster = (work: string): Bar => ({
		what: `${work} / naive script`,
		value: rate(`${work} large`) / rate("naive small"),
		bound: 3,
		side: "at least",
	});
	const flat = (work: string): Bar => ({
		what: `peak memory of ${work}, large / small lake`,
		value: peak(`${work} large`) / peak(`${work} small`),
		bound: 1.3,
		side: "at most",
	});
	process.exitCode = judge([faster("verify"), faster("replay"), flat("verify"), flat("replay"), flat("query")]);
} finally {
	await lake.close();
}
