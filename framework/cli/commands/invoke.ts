import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { suggest } from "../../diagnostics/suggest.ts";
import type { PlannedFunction } from "../../plan/types.ts";
import { decodeEvent } from "../../runtime/arrival.ts";
import { type Command, type Io, UsageError } from "../command.ts";
import { parseFaults } from "../invoke/faults.ts";
import { invokeFunction } from "../invoke/invoke-function.ts";
import { renderInvokeHuman, renderInvokeJson } from "../invoke/render.ts";
import { loadPlan } from "../project.ts";

export const invoke: Command = {
	name: "invoke",
	summary: "Run one function on a Lambda event, with recording sinks instead of AWS",
	positionals: "<pipeline> <function>",
	arity: [2, 2],
	options: {
		event: { type: "string", value: "FILE", help: "The Lambda event, JSON, of DynamoDB Streams or Kinesis" },
		env: { type: "string", value: "E", help: "Environment (local)" },
		format: { type: "string", choices: ["human", "json"], help: "How to report (human)" },
		now: { type: "string", value: "ISO", help: "The time it is (that of the newest record)" },
		seed: { type: "string", value: "N", help: "Seed of everything random (1)" },
		fail: {
			type: "string",
			multiple: true,
			value: "NAME=EVENTID,…",
			help: "Fail these for now on their first attempt: at a consumer, router, lake or dead-letters",
		},
		reject: { type: "string", multiple: true, value: "CONSUMER=EVENTID,…", help: "Refuse these for good" },
		bodies: { type: "boolean", help: "Show what was written, too" },
	},
	examples: [
		"pipeline invoke user-actions lake --event event.json",
		"pipeline invoke user-actions engagement --event event.json --format json --bodies",
		"pipeline invoke user-actions router --event event.json --fail router=2a7961c7e109606c28e0d820f0b4a28f",
	],
	async run(args, io) {
		const [pipeline = "", name = ""] = args.positionals;
		const now = parseTime(args.option("now"));
		const seed = parseSeed(args.option("seed"));
		const plan = await loadPlan(io, { env: args.option("env") ?? "local", names: [pipeline] });
		if (plan === null) return 1;
		const planned = findFunction(plan.pipelines[0]?.functions ?? [], pipeline, name);
		const faults = parseFaults(args.all("fail"), args.all("reject"), placesOf(planned));
		const event = readEvent(args.option("event"), io);
		const known = new Set(decodeEvent(event).map(({ eventID }) => eventID));
		for (const { place, eventID } of faults.planted)
			if (!known.has(eventID)) io.stderr(`pipeline: ${place}=${eventID}: the event has no record of that eventID.\n`);
		const result = await invokeFunction(planned, { event, now, seed, faults });
		for (const trouble of result.troubles) io.stderr(`pipeline: ${trouble}\n`);
		const render = args.option("format") === "json" ? renderInvokeJson : renderInvokeHuman;
		io.stdout(render(result, args.flag("bodies")));
		return 0;
	},
};

function findFunction(functions: readonly PlannedFunction[], pipeline: string, name: string): PlannedFunction {
	const found = functions.find(({ id }) => id === name);
	if (found) return found;
	const known = functions.map(({ id }) => id);
	throw new UsageError(`The pipeline ${pipeline} has no function "${name}". ${suggest(name, known)}`);
}

/** Where faults can be planted in a function. */
function placesOf({ manifest, consumers }: PlannedFunction) {
	const own = manifest.role === "lake" ? ["lake"] : manifest.forward ? ["router"] : [...consumers, "dead-letters"];
	return { fail: own, reject: consumers };
}

function readEvent(file: string | undefined, io: Io): unknown {
	if (file === undefined) throw new UsageError("invoke needs --event FILE, a Lambda event as JSON.");
	const event = parseEvent(file, readText(file, io));
	try {
		decodeEvent(event);
	} catch (error) {
		throw new UsageError(`${file}: ${(error as Error).message}`);
	}
	return event;
}

function readText(file: string, io: Io): string {
	try {
		return readFileSync(resolve(io.cwd, file), "utf8");
	} catch (error) {
		throw new UsageError(`${file} cannot be read: the system answers ${(error as NodeJS.ErrnoException).code}.`);
	}
}

function parseEvent(file: string, text: string): unknown {
	try {
		return JSON.parse(text);
	} catch (error) {
		throw new UsageError(`${file} is not JSON: ${(error as Error).message}`);
	}
}

function parseTime(text: string | undefined): number | null {
	if (text === undefined) return null;
	const time = Date.parse(text);
	if (Number.isNaN(time)) throw new UsageError(`--now ${text}: write an ISO time, 2026-11-24T10:00:00Z.`);
	return time;
}

function parseSeed(text = "1"): number {
	if (!/^\d{1,9}$/.test(text)) throw new UsageError(`--seed ${text}: write a whole number of at most nine digits.`);
	return Number(text);
}
