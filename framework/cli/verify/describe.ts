import type { Finding } from "../../lake/verify/finding.ts";
import type { MetricsTestimony } from "../../lake/verify/hold-metrics.ts";
import type { Verification } from "../../lake/verify/verify.ts";
import type { Testimony } from "../../lake/verify/witness.ts";
import { count } from "../../plan/words.ts";

export function describeFinding({ code, key, line, detail }: Finding): string {
	const place = key === null ? "" : `${key}${line === null ? "" : `:${line}`}\n  `;
	return `${code.padEnd(9)} ${place}${detail}\n`;
}

/** What a verification came to, for people. */
export function describeResult(result: Verification): string {
	const { hours, openHours, objects, records, repeats, chains, witnesses, metrics } = result;
	const told = [...witnesses.map(describeTestimony), ...(metrics ? [describeMetrics(metrics)] : [])];
	return [
		"",
		`hours    ${hours}, ${openHours} still open`,
		`objects  ${objects}`,
		`records  ${records}, and ${count(repeats, "repeat")} in objects that overlap`,
		`chains   ${describeChains(chains)}`,
		...(told.length > 0 ? told.map((each) => `witness  ${each}`) : ["witness  none"]),
		...describeDisagreement(result),
		"",
		`verdict  ${describeVerdict(result)}`,
		"",
	].join("\n");
}

function describeChains({ compared, forgotten }: Verification["chains"]): string {
	if (compared === 0) return "none to follow: no two changes of an item have both images";
	const left = forgotten > 0 ? `; ${count(forgotten, "change")} of items that were too many to follow` : "";
	return `${compared} old images compared with the change before${left}`;
}

function describeTestimony({ name, from, to, records, missing, unknown, pending }: Testimony): string {
	const differs = [
		...(missing > 0 ? [`${missing} missing`] : []),
		...(unknown > 0 ? [`${count(unknown, "record")} of the lake unknown to it`] : []),
		...(pending > 0 ? [`${pending} not there yet, too young to be missed`] : []),
	];
	const known = records === 0 ? ["it knows none"] : [count(records, "record")];
	const said = differs.length > 0 ? differs : records === 0 ? [] : ["all there"];
	return `${name}, ${describeSpan(from, to)}: ${[...known, ...said].join(", ")}`;
}

function describeMetrics(metrics: MetricsTestimony): string {
	const { name, from, to, stored, held, oldest, retentionHours, mapping } = metrics;
	if (from === null) return `${name}: nothing was counted, so it says nothing`;
	const before = mapping
		? `${count(mapping.dropped, "record")} dropped and ${mapping.dumped} dumped before it, ${mapping.pausedHours} h at most without reading`
		: "what did not reach the function is not counted";
	return `${name}, ${describeSpan(from, to)}: ${stored} counted as stored, objects of that time hold ${held}; at most ${describeAge(oldest)} behind of ${retentionHours} h; ${before}`;
}

/** Who says what, where not all say the same. */
function describeDisagreement({ witnesses, metrics }: Verification): string[] {
	const denies = [
		...witnesses.filter(({ missing, unknown }) => missing + unknown > 0).map(({ name }) => name),
		...(metrics && metrics.stored > metrics.held ? [metrics.name] : []),
	];
	const confirms = [
		...witnesses.filter(({ missing, unknown, pending }) => missing + unknown + pending === 0).map(({ name }) => name),
		...(metrics?.vouches ? [metrics.name] : []),
	];
	if (denies.length === 0 || confirms.length === 0) return [];
	const repeated = metrics?.overruled
		? " It names each record, so a batch was counted twice: it came again after an answer that was lost."
		: "";
	return [
		`dispute  The ${denies.join(" and the ")} counts more or others; the ${confirms.join(" and the ")} misses nothing.${repeated}`,
	];
}

function describeVerdict({ verdict, findings, witnesses, metrics, unwitnessed }: Verification): string {
	if (verdict === "inconsistent") return `${count(findings, "finding")}: the lake is not as it should be.`;
	if (verdict === "interrupted") return "interrupted: of what was not read nothing is said.";
	const heard = witnesses.filter(({ pending }) => pending === 0);
	if (verdict === "complete") {
		const names = unwitnessed === 0 && heard.length > 0 ? heard.map(({ name }) => name) : [metrics?.name ?? ""];
		return `complete, on the word of the ${names.join(" and the ")}.`;
	}
	if (witnesses.length === 0)
		return "consistent: the lake agrees with itself. Whether it is complete, only a witness could say.";
	if (heard.length < witnesses.length)
		return "consistent. Complete, as far as its youngest records have had time to arrive: ask again in a few minutes.";
	if (witnesses.some(({ unknown }) => unknown > 0))
		return "consistent. A witness did not tell all that it should know, so it does not vouch: ask again.";
	return `consistent. Complete where a witness can speak; of ${count(unwitnessed, "record")} none can.`;
}

const describeSpan = (from: number, to: number): string => `${describeTime(from)} to ${describeTime(to)}`;

function describeTime(seconds: number): string {
	return seconds <= 0 ? "the beginning" : `${new Date(seconds * 1000).toISOString().slice(0, 16)}Z`;
}

function describeAge(milliseconds: number): string {
	return milliseconds < 3_600_000
		? `${Math.ceil(milliseconds / 60_000)} min`
		: `${(milliseconds / 3_600_000).toFixed(1)} h`;
}
