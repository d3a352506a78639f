/**
 * What the runtime costs beside what Lambda itself does first: `JSON.parse` of the event. All figures are ratios to that, of one process.
 *
 *     npm run bench:runtime [-- --rounds N | --slow | --smoke]
 */
import { compileFilters } from "../../framework/plan/filters.ts";
import { compileEventPattern } from "../../framework/runtime/event-pattern.ts";
import { compilePredicate } from "../../framework/runtime/predicate.ts";
import { eventText, RECORDS } from "./event.ts";
import { measureHeap } from "./heap.ts";
import { type Bar, judge, print } from "./judge.ts";
import { benchOptions } from "./options.ts";
import { least, measure, type Variant } from "./rounds.ts";
import { conditionOn, httpConsumer, routerOf, s3Consumer, uncompressedLake } from "./world.ts";

const { rounds, times, smoke } = benchOptions(
	"bench:runtime",
	"What the runtime costs beside JSON.parse of the same event",
	41,
);
// Packages of the benchmarks alone: a wrong option is refused without them.
const { createPeerMatcher, createPeerPath, newImageOf, wholeRecordOf } = await import("./peers.ts");
const text = eventText(smoke ? 400 : RECORDS);
// biome-ignore lint/suspicious/noExplicitAny: an event is what JSON.parse says it is.
const parse = (): any => JSON.parse(text);
type Event = ReturnType<typeof parse>;

const absent = conditionOn("CANCELLED");
const [pattern = {}] = compileFilters(absent, "dynamodb").filters;
const paid = (content: "item" | "event", maxRecords: number) =>
	routerOf([httpConsumer("c", conditionOn("PAID"), content, maxRecords)]);
const count = (test: (record: never) => boolean) => (event: Event) =>
	event.Records.reduce((sum: number, record: never) => sum + Number(test(record)), 0);

/** What stands beside us. */
const floor = (name: string, run: () => unknown): Variant => ({ name, prepare: () => undefined, run });
/** Work of ours on a parsed event, done as often as the planted slowness asks. */
const ours = (name: string, run: (event: Event) => unknown): Variant<Event> => ({
	name,
	prepare: parse,
	async run(event) {
		for (let time = 0; time < times; time++) await run(event);
	},
});
/** The same with the parse. */
const whole = (name: string, run: (event: Event) => unknown): Variant =>
	floor(`parse + ${name}`, async () => {
		for (let time = 0; time < times; time++) await run(parse());
	});

const stringifyAll = (event: Event): Buffer =>
	Buffer.from(event.Records.map((record: object) => `${JSON.stringify(record)}\n`).join(""));
const [peerImages, peerRecords] = [createPeerPath(newImageOf), createPeerPath(wholeRecordOf)];

const VARIANTS: Variant<Event>[] = [
	floor("JSON.parse", parse),
	floor("parse + stringify", () => stringifyAll(parse())),
	floor("parse + peer path, whole records", () => peerRecords(parse())),
	floor("parse + peer path, new images", () => peerImages(parse())),
	{ name: "peer's matcher, one pattern", prepare: parse, run: count(createPeerMatcher(pattern)) },
	ours("one pattern", count(compileEventPattern(pattern))),
	ours("one condition", count(compilePredicate(absent).matches)),
	ours("handler, one consumer, no match", routerOf([httpConsumer("c", absent, "event", 1)])),
	ours(
		"handler, ten consumers, no match",
		routerOf(
			Array.from({ length: 10 }, (_, index) => httpConsumer(`c${index}`, conditionOn(`NO-${index}`), "event", 1)),
		),
	),
	whole("lake to NDJSON", uncompressedLake()),
	whole("s3 consumer to NDJSON", routerOf([s3Consumer("c")])),
	whole("30 % to HTTP bodies, item", paid("item", 100)),
	whole("30 % to HTTP bodies, event", paid("event", 100)),
	whole("30 % to HTTP, event, a request each", paid("event", 1)),
];

const measured = await measure(VARIANTS, rounds, smoke ? 6 : 10);
const best = (name: string): number => least(measured.get(name) ?? []);
const ratio = (name: string, to = "JSON.parse"): number => best(name) / best(to);
const size = `${(Buffer.byteLength(text) / 1e6).toFixed(2)} MB`;
print(`${rounds} rounds, ${size}, node ${process.version}; the least of each as a ratio to JSON.parse\n`);
for (const { name } of VARIANTS) print(`${ratio(name).toFixed(3).padStart(8)}  ${name}`);
print("");

const heap = await measureHeap(times);
const bars: Bar[] = [
	{ what: "one condition", value: ratio("one condition"), bound: 0.03, side: "at most" },
	{
		what: "peer's matcher / one pattern",
		value: ratio("peer's matcher, one pattern", "one pattern"),
		bound: 4,
		side: "at least",
	},
	{
		what: "ten consumers, ten conditions, no match",
		value: ratio("handler, ten consumers, no match"),
		bound: 0.2,
		side: "at most",
	},
	{
		what: "lake to NDJSON / parse + stringify",
		value: ratio("parse + lake to NDJSON", "parse + stringify"),
		// No slower: two runs of the same differ by this much.
		bound: 1.05,
		side: "at most",
	},
	{
		what: "peer path / lake, whole records",
		value: ratio("parse + peer path, whole records", "parse + lake to NDJSON"),
		bound: 1.25,
		side: "at least",
	},
	{
		what: "30 % selected to HTTP bodies",
		value: ratio("parse + 30 % to HTTP bodies, item"),
		bound: 1.35,
		side: "at most",
	},
	...heap.map(({ name, ratio }): Bar => ({ what: `peak heap, ${name}`, value: ratio, bound: 3, side: "at most" })),
];
process.exitCode = judge(bars, smoke);
