import { REPLAY_SOURCE, type ReplayEvent } from "../../contract/replay.ts";
import { OwnError } from "../observer.ts";
import { dynamodbSource } from "./dynamodb.ts";
import { eachUnfinished } from "./respond.ts";
import { isObject, type Source, textOrNull } from "./source.ts";

/** Records of the lake, sent by `pipeline replay`: the caller gets an answer for each. */
export const replaySource: Source = {
	...dynamodbSource,
	repeats: true,
	identify: (member) => ({ ...dynamodbSource.identify(member), identifier: textOrNull(member.eventID) }),
	respond: eachUnfinished,
};

/** A replay's id as part of names: of rows, of metrics. */
const REPLAY_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** The event as a replay, null if it is none. Throws on one whose shape does not hold: its caller is ours. */
export function readReplay(event: unknown): ReplayEvent | null {
	if (!isObject(event) || event.source !== REPLAY_SOURCE) return null;
	const { replayId, consumer, newIds = false, records } = event;
	if (typeof replayId !== "string" || !REPLAY_ID.test(replayId))
		throw new OwnError("A replay's `replayId` is 1 to 64 letters, digits, points, hyphens and underscores.");
	if (typeof consumer !== "string") throw new OwnError("A replay names its `consumer`.");
	if (typeof newIds !== "boolean") throw new OwnError("A replay's `newIds` is true or false.");
	if (!Array.isArray(records)) throw new OwnError("A replay has a list of `records`.");
	return { source: REPLAY_SOURCE, replayId, consumer, newIds, records };
}
