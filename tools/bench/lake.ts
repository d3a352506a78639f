/**
 * What it costs to read a lake back: the commands `lake query`, `replay` and `lake verify`, beside a plain DuckDB query over the same
 * files and the script that everybody writes first. Each in a process of its own; the embedded services and the function that is
 * called are in this one.
 *
 *     npm run bench:lake [-- --events N | --rounds N | --slow | --smoke]
 */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { refuse, scriptOptions } from "../../framework/testing/script-options.ts";
import { type Bar, judge, print } from "./judge.ts";
import type { ChildOptions, Figure } from "./lake/child.ts";
import { makeLake } from "./lake/make.ts";
import { startWorld } from "./lake/world.ts";
import { commonOptions } from "./options.ts";

/** Records after which the script's rate is known: it has none that changes with the lake's size. */
const NAIVE_RECORDS = 20_000;
/** The smaller of the two lakes is so much smaller. */
const TIMES = 10;

/** A smaller lake is read before the process has the memory that it works with, and starting is most of it. */
const LEAST_EVENTS = 100_000;

const SCRIPT = {
	name: "bench:lake",
	summary: "What it costs to read a lake back, beside a plain DuckDB query and a script of one call a record",
	options: {
		events: { type: "string", value: "N", least: TIMES, help: "Events of the larger lake (1000000)." },
		...commonOptions(3),
	},
} as const;
const values = scriptOptions(SCRIPT);
const { smoke } = values;
const slow = values.slow || smoke;
const events = values.events ?? (smoke ? 5000 : 1_000_000);
const rounds = values.rounds ?? (smoke ? 1 : 3);
if (!smoke && events < LEAST_EVENTS) refuse(SCRIPT, `--events ${events}: give at least ${LEAST_EVENTS}, or --smoke.`);

const world = await startWorld();
try {
	const sizes = { large: events, small: Math.round(events / TIMES) };
	for (const [pipeline, size] of Object.entries(sizes)) await makeLake(world.placeOf(pipeline), size);
	const figures = new Map<string, Figure[]>();
	const child = fileURLToPath(new URL("lake/child.ts", import.meta.url));
	const measure = async (
		work: string,
		pipeline: keyof typeof sizes,
		{ expected = sizes[pipeline], slowness = 0 } = {},
	): Promise<void> => {
		const { root, endpoint, folder, functionName, called } = world;
		const { bucket } = world.placeOf(pipeline);
		// More than anything of ours needs for all of them.
		const kept = smoke ? 65_536 : 4096;
		const at = { root, endpoint, folder, functionName, bucket, pipeline };
		const options: ChildOptions = { ...at, most: expected, slowness, kept };
		called.slowness = slowness;
		const { stdout } = await promisify(execFile)(process.execPath, [
			"--no-warnings",
			child,
			work,
			JSON.stringify(options),
		]);
		const figure: Figure = JSON.parse(stdout);
		if (figure.records !== expected) throw new Error(`${work} had ${figure.records} records instead of ${expected}`);
		if (called.disorder > 0) throw new Error(`${work} sent ${called.disorder} records out of their order`);
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
		await measure("naive", "small", { expected: Math.min(NAIVE_RECORDS, sizes.small) });
		// Half a record of the script's: twice as fast as it at best.
		const slowness = slow ? 0.5 / rate("naive small") : 0;
		for (const work of ["verify", "replay", "query"]) {
			await measure(work, "small", { slowness });
			await measure(work, "large", { slowness });
		}
		await measure("duckdb", "large");
	}

	print(`${sizes.large} and ${sizes.small} events, median of ${rounds} rounds, node ${process.version}\n`);
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
	const bars = [faster("verify"), faster("replay"), flat("verify"), flat("replay"), flat("query")];
	process.exitCode = judge(bars, smoke);
} finally {
	await world.close();
}
