import type { LakeHour } from "../list.ts";
import { isClosed, type TimeRange } from "../range.ts";
import type { Left, Read } from "../read.ts";
import { createChains } from "./check-chains.ts";
import { checkObject } from "./check-object.ts";
import type { Finding } from "./finding.ts";
import type { Hearing, HearingMark } from "./hear.ts";
import { createMet, type MetMark } from "./met.ts";

/** What a verification that was stopped had come to; beside it the lines of its chains. */
export interface VerifyState {
	hours: number;
	openHours: number;
	objects: number;
	records: number;
	/** In objects, repeats included. */
	lines: number;
	findings: number;
	chains: { compared: number; forgotten: number };
	hearings: HearingMark[];
	met: MetMark;
}

export interface ReadThrough {
	range: TimeRange;
	/** Epoch seconds. */
	now: number;
	hearings: readonly Hearing[];
	left: Left<VerifyState> | null;
	report(finding: Finding): void;
	findings(): number;
}

/** Holds all of a range against itself, and lets the witnesses meet its records. */
export async function readThrough(
	read: Read<VerifyState>,
	{ range, now, hearings, left, report, findings }: ReadThrough,
): Promise<Omit<VerifyState, "hearings" | "met" | "findings"> & { unwitnessed: number }> {
	const { hours, openHours, objects, records, lines } = left?.state ?? NOTHING;
	const sums = { hours, openHours, objects, records, lines };
	const chains = createChains(undefined, left ? { ...left.state.chains, lines: left.lines } : undefined);
	// An hour that was open when it was listed may have got records since that are left out now, and were not lost.
	if (openHours > 0) chains.breakAll();
	const met = createMet(hearings, left?.state.met ?? null);
	const chainsOf = () => ({ compared: chains.compared, forgotten: chains.forgotten });
	const runs = read(
		{
			onBroken: ({ key, line, message }) => report({ code: "broken", key, line, detail: message }),
			onHour(hour: LakeHour) {
				sums.hours += 1;
				if (!isClosed(hour.start, now)) sums.openHours += 1;
				for (const key of hour.strangers)
					report({ code: "stranger", key, line: null, detail: "No lake function writes objects of such a name." });
			},
			onObject(partition, object, records) {
				sums.objects += 1;
				sums.lines += records.filter(({ time }) => time >= range.from && time < range.to).length;
				for (const finding of checkObject(partition, object, records)) report(finding);
			},
			onLate: () => chains.breakAll(),
		},
		() => ({
			state: {
				...sums,
				findings: findings(),
				chains: chainsOf(),
				hearings: hearings.map((hearing) => hearing.mark()),
				met: met.mark(),
			},
			lines: chains.lines(),
		}),
	);
	for await (const run of runs) {
		sums.records += run.length;
		for (const record of run) {
			const finding = chains.check(record);
			if (finding) report(finding);
			met.add(record);
		}
	}
	return { ...sums, chains: chainsOf(), unwitnessed: met.unwitnessed() };
}

const NOTHING = { hours: 0, openHours: 0, objects: 0, records: 0, lines: 0 };
