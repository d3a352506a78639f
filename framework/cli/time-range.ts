import { ALL_TIME, type TimeRange } from "../lake/range.ts";
import { type Arguments, type CommandOption, UsageError } from "./command.ts";

/** Options of every command that works on a range of time. */
export const RANGE_OPTIONS = {
	from: {
		type: "string",
		value: "T",
		help: "Records from this time on: 2026-11-24, 2026-11-24T09:30Z, or an age: 90m, 24h, 7d",
	},
	to: { type: "string", value: "T", help: "Records before this time" },
} as const satisfies Record<string, CommandOption>;

const UNITS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** The range of `--from` and `--to`, of the records' own time; without them, everything. `now` in epoch milliseconds. */
export function parseRange(args: Arguments, now: number): TimeRange {
	const from = args.option("from");
	const to = args.option("to");
	const range = {
		from: from === undefined ? ALL_TIME.from : parseTime("--from", from, now),
		to: to === undefined ? ALL_TIME.to : parseTime("--to", to, now),
	};
	if (range.from >= range.to)
		throw new UsageError(`The range ends before it starts: --from ${from} is not before --to ${to ?? "now"}.`);
	return range;
}

/** Epoch seconds of a date (midnight UTC), a time with its zone, or an age. */
function parseTime(option: string, text: string, now: number): number {
	const [, amount, unit] = /^(\d+)([smhd])$/.exec(text) ?? [];
	if (amount !== undefined) return Math.floor(now / 1000) - Number(amount) * UNITS[unit as keyof typeof UNITS];
	const isDate = /^\d{4}-\d{2}-\d{2}$/.test(text);
	const isTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(text);
	const milliseconds = isDate || isTime ? Date.parse(text) : Number.NaN;
	if (Number.isNaN(milliseconds))
		throw new UsageError(
			`${option} ${text}: give a date (2026-11-24), a time with its zone (2026-11-24T09:30:00Z) or an age (90m, 24h, 7d).`,
		);
	return milliseconds / 1000;
}
