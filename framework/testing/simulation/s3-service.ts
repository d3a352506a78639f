import { objectText } from "../../local/object-text.ts";
import type { DeadLetter } from "../../runtime/dead-letters.ts";
import { type Call, named } from "./network.ts";
import { exportCall } from "./receivers.ts";
import type { Command } from "./services.ts";
import { truthIDOf } from "./table-model.ts";
import type { World } from "./world.ts";

/** Objects of the lake and operations buckets; those of the exports bucket are a consumer's deliveries. */
export function objectCall(world: World, command: Command): Call {
	const { Bucket, Key } = command.input as { Bucket: string; Key: string };
	if (command.constructor.name === "GetObjectCommand") return getCall(world, Key);
	const text = objectText(Key, command.input.Body);
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

function operationsCall(world: World, key: string, text: string): Call {
	const parsed = JSON.parse(text);
	const isLetter = key.startsWith("dead-letters/");
	const letter = parsed as DeadLetter;
	const truth = isLetter ? truthIDOf(letter.record) : world.truthOf(text);
	return {
		target: "operations",
		what: isLetter ? `dead letter of r${truth} at ${letter.consumer}: ${letter.reason}` : `claim check of r${truth}`,
		truths: truth === null ? [] : [truth],
		refuse: refuseObject,
		apply() {
			if (isLetter) {
				const { consumer, eventID, reason } = letter;
				world.facts.letters.set(key, { consumer, truth, eventID, reason, at: world.scheduler.now() });
				world.judge.parked(consumer, truth);
			} else world.facts.claimChecks.set(key, text);
			return {};
		},
	};
}

function getCall({ facts, truthOf }: World, key: string): Call {
	const text = facts.claimChecks.get(key);
	const truth = text === undefined ? null : truthOf(text);
	return {
		target: "operations",
		what: `claim check of r${truth} is read`,
		truths: truth === null ? [] : [truth],
		refuse: refuseObject,
		apply() {
			if (text === undefined) throw named("NoSuchKey", "The specified key does not exist.");
			return { Body: { transformToString: async () => text } };
		},
	};
}
