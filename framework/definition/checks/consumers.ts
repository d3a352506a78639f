import { recordAgeBackstop, TABLE_STREAM_RETENTION_HOURS } from "../../contract/retention.ts";
import type { PathDiagnostic } from "../../diagnostics/diagnostic.ts";
import { toUtc } from "../build.ts";
import type { Check } from "./check.ts";

/** The pipeline's own functions have these names. */
const RESERVED = ["lake", "router"];

export const checkConsumersExist: Check = ({ consumers }) =>
	consumers.length > 0
		? []
		: [
				{
					code: "consumers-empty",
					path: ["consumers"],
					at: "value",
					detail: "The list is empty, so that nobody would receive the changes.",
					help: "Add a consumer: `- { name: <name>, kind: <kind> }`.",
				},
			];

export const checkConsumerNames: Check = ({ consumers }) =>
	consumers.flatMap(({ settings, path }, index): PathDiagnostic[] => {
		const place = { path: [...path, "name"], at: "value" } as const;
		const { name } = settings;
		if (RESERVED.includes(name))
			return [
				{
					code: "consumer-name-reserved",
					...place,
					detail: `"${name}" is the name of a function that every pipeline has.`,
					help: "Choose another name.",
				},
			];
		if (consumers.findIndex((other) => other.settings.name === name) === index) return [];
		return [
			{
				code: "consumer-name-duplicate",
				...place,
				detail: `Another consumer before it is called "${name}". Functions, positions and dead letters are kept by this name.`,
				help: "Choose another name.",
			},
		];
	});

export const checkBudgets: Check = ({ definition, consumers }) => {
	const { fanOut } = definition;
	const limit = recordAgeBackstop(fanOut.mode === "direct" ? TABLE_STREAM_RETENTION_HOURS : fanOut.retentionHours);
	const source =
		fanOut.mode === "direct" ? "the table's stream keeps records for 24 hours" : "see fanOut.retentionHours";
	return consumers
		.filter(({ settings }) => settings.retry.budgetSeconds >= limit)
		.map(({ settings, path }) => ({
			code: "budget-beyond-retention",
			path: [...path, "retry", "budgetSeconds"],
			at: "value",
			detail: `Records may be retried for ${settings.retry.budgetSeconds} seconds, but Lambda gives them up after ${limit} (${source}): what is given up so is not parked in order.`,
			help: `Give a budget below ${limit}.`,
		}));
};

export const checkStarts: Check = ({ definition, consumers }) =>
	consumers.flatMap(({ settings, path }): PathDiagnostic[] => {
		const place = { path: [...path, "start"], at: "value" } as const;
		if (typeof settings.start === "object" && toUtc(settings.start.at) === null)
			return [
				{
					code: "value-malformed",
					...place,
					detail: `${settings.start.at} is not a time that exists.`,
					help: "Write an ISO 8601 time with its zone: 2026-03-01T00:00:00Z.",
				},
			];
		if (definition.fanOut.mode !== "direct" || settings.start === "now") return [];
		return [
			{
				code: "direct-start",
				...place,
				detail:
					"In a direct fan-out one function reads the table's stream for all consumers, so none has a position of its own.",
				help: "Remove `start`, or choose `fanOut: kinesis`.",
			},
		];
	});

/** Kinesis Data Streams developer guide, "Quotas and limits": registered consumers per stream, on-demand with the account's Advantage. */
const MAX_ENHANCED = { provisioned: 20, "on-demand": 50 } as const;

export const checkEnhancedFanOut: Check = ({ definition, consumers }) => {
	const enhanced = consumers.filter(({ enabled, settings }) => enabled && settings.enhancedFanOut);
	const at = "value" as const;
	if (definition.fanOut.mode === "direct")
		return enhanced.map(({ path }) => ({
			code: "direct-enhanced-fan-out",
			path: [...path, "enhancedFanOut"],
			at,
			detail: "Enhanced fan-out is a feature of Kinesis, and a direct fan-out has no Kinesis stream.",
			help: "Remove `enhancedFanOut`, or choose `fanOut: kinesis`.",
		}));
	const { mode } = definition.fanOut.capacity;
	return enhanced.slice(MAX_ENHANCED[mode]).map(({ path, settings }) => ({
		code: "enhanced-fan-out-limit",
		path: [...path, "enhancedFanOut"],
		at,
		detail: `"${settings.name}" is one more than the ${MAX_ENHANCED[mode]} consumers with enhanced fan-out that a Kinesis stream takes in ${mode} mode.`,
		help: "Let some consumers share the stream's reads, or split the pipeline.",
	}));
};

export const checkKinds: Check = ({ definition, consumers, kinds }) =>
	consumers.flatMap(({ settings, path }) => {
		const { environment, name: pipeline } = definition;
		const itemColumns = definition.itemSchema?.columns ?? null;
		const context = { environment, pipeline, consumer: settings.name, local: environment === "local", itemColumns };
		const problems = kinds[settings.kind]?.check?.(settings.with, context) ?? [];
		return problems.map((problem) => ({ ...problem, path: [...path, "with", ...problem.path] }));
	});

export const checkCapacity: Check = ({ isWritten }) =>
	isWritten("fanOut", "shards") && isWritten("fanOut", "capacity")
		? [
				{
					code: "settings-conflict",
					path: ["fanOut", "capacity"],
					at: "key",
					detail: "With `capacity: on-demand` Kinesis chooses the number of shards; `shards` fixes it.",
					help: "Remove one of the two.",
				},
			]
		: [];
