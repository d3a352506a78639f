import { ITEM_EVENTS } from "../../contract/condition.ts";
import type { DrawnCondition } from "./scenario.ts";
import type { Truth } from "./table-model.ts";

/** The condition as a definition writes it. */
export function whenOf({ events, status, total, changedStatus }: DrawnCondition): object {
	const statusTest = status && { status: status.op === "is" ? status.values : { not: status.values } };
	const image = { ...statusTest, ...(total !== null && { total: { gte: total } }) };
	return {
		// All four stand for themselves: a condition that names none of them draws a hint where there is a TTL.
		events: events ?? [...ITEM_EVENTS],
		...(Object.keys(image).length > 0 && { new: image }),
		...(changedStatus && { changed: ["status"] }),
	};
}

/** Whether it selects a change: what docs/conditions.md says, without any of the runtime's code. */
export function selects(condition: DrawnCondition | null, truth: Truth): boolean {
	if (condition === null) return true;
	const { events, status, total, changedStatus } = condition;
	if (events !== null && !events.includes(truth.event)) return false;
	const now = truth.new?.status ?? null;
	if (status?.op === "is" && (now === null || !status.values.includes(now))) return false;
	if (status?.op === "not" && now !== null && status.values.includes(now)) return false;
	const least = truth.new?.total ?? null;
	if (total !== null && (least === null || Number(least) < total)) return false;
	return !changedStatus || now !== (truth.old?.status ?? null);
}
