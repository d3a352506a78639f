import { objectText } from "../../local/object-text.ts";
import type { DeadLetter } from "../../runtime/dead-letters.ts";
import { type Call, named } from "./network.ts";
import { exportCall } from "./receivers.ts";
import type { Command } from "./services.ts";
import type { World } from "./world.ts";

/** Objects of the lake and operations buckets; those of the exports bucket are a consumer's deliveries. */
export function objectCall(world: World, { constructor: { name }, input }: Command): Call {
	const { Bucket, Key } = input as { Bucket: string; Key: string };
	if (name === "ListObjectsV2Command") return listCall(world, input.Prefix);
	if (name === "DeleteObjectCommand") return deleteCall(world, Key);
	if (name === "GetObjectCommand") return getCall(world, Key);
	const text = objectText(Key, input.Body);
	if (Bucket.includes("-lake-")) return lakeCall(world, Key, text);
	return Bucket.includes("-operations-") ? operationsCall(world, Key, text) : exportCall(world, Key, text);
}

/** What S3 says when it does not do something. */
export function refuseObject(how: "refused" | "throttled"): never {
	if (how === "throttled") throw named("SlowDown", "Please reduce your request rate.");
	throw named("ServiceUnavailable", "Service is unable to handle request.");
}

function lakeCall(world: World, key: string, text: string): Call {
	const lines = text.split("\n").filter((line) => line !== "");
	const truths = lines.map((line) => world.truthOf(line));
	return {
		target: "lake",
		what: `lake object of ${truths.map((id) => `r${id}`).join(" ")}`,
		truths: truths.filter((id) => id !== null),
		refuse: refuseObject,
		apply() {
			world.judge.lakeObject(key, text, truths);
			world.facts.lake.set(key, { text, truths });
			return {};
		},
	};
}

/** Others below that prefix are records of what happened. */
const LETTER = /^dead-letters\/[^/]+\/[^/]+\/[0-9a-f]{64}\//;

function operationsCall(world: World, key: string, text: string): Call {
	const parsed = JSON.parse(text);
	const isLetter = LETTER.test(key);
	const letter = parsed as DeadLetter;
	const truth = isLetter ? world.truthOfLetter(letter.record) : world.truthOf(text);
	return {
		target: "operations",
		what: isLetter ? `dead letter of r${truth} at ${letter.consumer}: ${letter.reason}` : `claim check of r${truth}`,
		truths: truth === null ? [] : [truth],
		refuse: refuseObject,
		apply() {
			if (isLetter) {
				const { consumer, eventID, reason } = letter;
				const at = world.scheduler.now();
				const before = world.facts.letters.get(key);
				// A redrive leaves a letter what it was.
				const anew = before === undefined || before.gone || letter.replayId === null;
				const live = anew ? !letter.replayId?.startsWith("replay") : before.live;
				world.facts.letters.set(key, { consumer, truth, eventID, reason, at, text, gone: false, live });
				if (live) world.judge.parked(consumer, truth);
			} else world.facts.claimChecks.set(key, text);
			return {};
		},
	};
}

function getCall({ facts, truthOf, truthOfLetter }: World, key: string): Call {
	const letter = facts.letters.get(key);
	const text = letter ? letter.text : facts.claimChecks.get(key);
	const truth = text === undefined ? null : letter ? truthOfLetter(JSON.parse(text).record) : truthOf(text);
	return {
		target: "operations",
		what: `${letter ? "dead letter" : "claim check"} of r${truth} is read`,
		truths: truth === null ? [] : [truth],
		refuse: refuseObject,
		apply() {
			if (text === undefined || facts.letters.get(key)?.gone)
				throw named("NoSuchKey", "The specified key does not exist.");
			return { Body: { transformToString: async () => text } };
		},
	};
}

/** Letters below a prefix. Dumps of mappings are no objects here. */
function listCall({ facts }: World, prefix: string): Call {
	return {
		target: "operations",
		what: "letters are listed",
		truths: [],
		refuse: refuseObject,
		apply() {
			const keys = [...facts.letters].flatMap(([key, { gone }]) => (!gone && key.startsWith(prefix) ? [key] : []));
			return { Contents: keys.sort().map((Key) => ({ Key })) };
		},
	};
}

function deleteCall(world: World, key: string): Call {
	const letter = world.facts.letters.get(key);
	return {
		target: "operations",
		what: `dead letter of r${letter?.truth} at ${letter?.consumer} is deleted`,
		truths: letter?.truth == null ? [] : [letter.truth],
		refuse: refuseObject,
		apply() {
			if (letter && !letter.gone) world.judge.unparked(key, letter);
			return {};
		},
	};
}
