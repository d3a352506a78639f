import type { RehearsalResult } from "../../rehearsal/rehearse.ts";
import { isNumber, type Json, NumberText } from "./json.ts";
import { outcomeOf } from "./judge.ts";

/** What a consumer did, without what says nothing to a reader. */
export function observed(consumer: string, rehearsal: RehearsalResult): unknown {
	const { delivered, parked, requests, objects, calls, deadLetters } = outcomeOf(consumer, rehearsal);
	if (delivered + parked === 0) return "nothing";
	const outcome = {
		delivered,
		...(parked > 0 ? { parked } : {}),
		...(requests.length > 0 ? { requests: requests.map(({ method, url, body }) => ({ method, url, body })) } : {}),
		...(objects.length > 0 ? { objects: objects.map(({ lines }) => ({ lines })) } : {}),
		...(calls.length > 0 ? { calls } : {}),
		...(deadLetters.length > 0 ? { deadLetters } : {}),
	};
	return toYaml(outcome as unknown as Json);
}

/** Numbers keep their digits, null has a word of its own. */
function toYaml(value: Json | number): unknown {
	if (isNumber(value)) {
		const float = Number(value.text);
		return new NumberText(String(float)).equals(value) ? float : { $N: value.text };
	}
	if (value === null) return { $NULL: true };
	if (Array.isArray(value)) return value.map(toYaml);
	if (typeof value !== "object") return value;
	return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, toYaml(member)]));
}
