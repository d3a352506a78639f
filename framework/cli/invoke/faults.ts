import type { AnyDeliverer, Outcome } from "../../contract/deliver.ts";
import { suggest } from "../../diagnostics/suggest.ts";
import { UsageError } from "../command.ts";

export type FaultKind = "fail" | "reject";

/** Planted faults: each strikes the first attempt at a record and then never again. */
export interface Faults {
	/** What is planted for this record at this place, if it was not used up; using it up. */
	strike(place: string, eventID: string): FaultKind | null;
	/** Planted `place=eventID` pairs. */
	planted: readonly { place: string; eventID: string }[];
}

/** Reads the values of `--fail` and `--reject`: `place=eventID,eventID`. */
export function parseFaults(
	fails: readonly string[],
	rejects: readonly string[],
	places: Record<FaultKind, readonly string[]>,
): Faults {
	const planted = [
		...fails.flatMap((value) => parseFault("fail", value, places.fail)),
		...rejects.flatMap((value) => parseFault("reject", value, places.reject)),
	];
	const left = new Set(planted);
	return {
		planted,
		strike(place, eventID) {
			const fault = planted.find((each) => left.has(each) && each.place === place && each.eventID === eventID);
			if (!fault) return null;
			left.delete(fault);
			return fault.kind;
		},
	};
}

function parseFault(kind: FaultKind, value: string, places: readonly string[]) {
	const [place = "", ids] = value.split(/=(.*)/s);
	if (!ids) throw new UsageError(`--${kind} ${value}: write it as name=eventID, several eventIDs with commas between.`);
	if (!places.includes(place))
		throw new UsageError(`--${kind} ${value}: this function has no "${place}". ${suggest(place, places)}`);
	return ids.split(",").map((eventID) => ({ kind, place, eventID }));
}

/** Kinds whose deliveries fail as planted; the others go to the kind itself. */
export function plantInDeliverers(
	deliverers: Readonly<Record<string, AnyDeliverer>>,
	faults: Faults,
): Record<string, AnyDeliverer> {
	return Object.fromEntries(Object.entries(deliverers).map(([kind, deliverer]) => [kind, plant(deliverer, faults)]));
}

function plant(deliverer: AnyDeliverer, faults: Faults): AnyDeliverer {
	return {
		limits: deliverer.limits,
		async deliver(changes, context) {
			const outcomes = new Map<unknown, Outcome>();
			const stopped = new Set<string>();
			for (const change of changes) {
				const kind = stopped.has(change.keyHash) ? null : faults.strike(context.consumer, change.eventID);
				if (kind === "fail") outcomes.set(change, { status: "retry", reason: "planted by --fail" });
				else if (kind === "reject") outcomes.set(change, { status: "reject", reason: "planted by --reject" });
				else if (stopped.has(change.keyHash))
					outcomes.set(change, { status: "retry", reason: "behind a planted fault" });
				if (outcomes.has(change)) stopped.add(change.keyHash);
			}
			const rest = changes.filter((change) => !outcomes.has(change));
			const answers = rest.length > 0 ? await deliverer.deliver(rest, context) : [];
			rest.forEach((change, index) => {
				const answer = answers[index];
				if (answer) outcomes.set(change, answer);
			});
			return changes.flatMap((change) => outcomes.get(change) ?? []);
		},
	};
}
