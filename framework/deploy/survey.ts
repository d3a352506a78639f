import type { Diagnostic, DocumentPath } from "../diagnostics/diagnostic.ts";
import type { OwnedTable, PipelinePlan, Plan, AdoptedTable as PlannedTable } from "../plan/types.ts";
import { placeInFile, type TextFile } from "../project/place.ts";
import { checkAdoptedTable, type FoundTable, type TableProblem, ttlOf } from "./adopted-table.ts";
import type { Configuration } from "./configuration.ts";
import { lookUpKey, lookUpStream, lookUpTable } from "./look-up.ts";
import { checkOwnedStream } from "./owned-stream.ts";
import type { AdoptedTable, OwnedTableNow, Settings } from "./settings.ts";

/** What a plan takes for granted, as it is on AWS. */
export interface Survey {
	/** By name. */
	tables: Map<string, AdoptedTable>;
	/** By name; those that are there. */
	owned: Map<string, OwnedTableNow>;
	/** By what definitions call them. */
	keys: Map<string, string>;
	/** Whatever of it is not as the plan has it. */
	diagnostics: Diagnostic[];
}

/** Looks up the tables and keys that a plan takes for granted, and what it has already. Makes nothing. */
export async function surveyPlan(
	plan: Plan,
	{ receiver, startedAt }: Pick<Configuration, "receiver"> & Pick<Settings, "startedAt">,
	sources: ReadonlyMap<string, string>,
): Promise<Survey> {
	const survey: Survey = { tables: new Map(), owned: new Map(), keys: new Map(), diagnostics: [] };
	for (const pipeline of plan.pipelines) {
		const report = reporterOf(plan.environment, pipeline.name, sources, survey.diagnostics);
		if (receiver === undefined) checkReceiver(pipeline, report);
		checkStarts(pipeline, startedAt, report);
		await surveyTables(pipeline, survey, report);
		await surveyStreams(pipeline, report);
		await surveyKeys(pipeline, survey, report);
	}
	return survey;
}

type Report = (problem: TableProblem | (Omit<TableProblem, "key"> & { path: DocumentPath })) => void;

/** Problems of one pipeline, at what its file says: in the environment's overlay, or for all of them. */
function reporterOf(
	environment: string,
	pipeline: string,
	sources: ReadonlyMap<string, string>,
	found: Diagnostic[],
): Report {
	const file = fileOf(pipeline, sources);
	return (problem) => {
		const path = "path" in problem ? problem.path : ["table", problem.key];
		const overlay = ["environments", environment, ...path];
		found.push(placeInFile(file, [overlay, path], problem));
	};
}

/** A pipeline is called as its file is. */
function fileOf(pipeline: string, sources: ReadonlyMap<string, string>): TextFile {
	for (const [file, text] of sources) if (new RegExp(`(^|/)${pipeline}\\.ya?ml$`).test(file)) return { file, text };
	return { file: `pipelines/${pipeline}.yaml`, text: "" };
}

/** Locally, requests go to the built-in receiver; what is deployed has none. */
function checkReceiver({ functions }: PipelinePlan, report: Report): void {
	for (const { name: consumer, settings } of functions.flatMap(({ manifest }) => manifest.consumers)) {
		if (!JSON.stringify(settings).includes("${receiver}")) continue;
		report({
			code: "receiver-missing",
			path: ["consumers"],
			at: "key",
			detail: `The consumer "${consumer}" has no target in this environment: locally, requests go to the built-in receiver.`,
			help: `Give it one under \`environments\` in this file, or all of them at once:\n  pulumi config set tributary:receiver http://…`,
		});
	}
}

/** Lambda API reference, CreateEventSourceMapping: StartingPositionTimestamp "cannot be in the future". */
function checkStarts({ functions }: PipelinePlan, now: string, report: Report): void {
	for (const { id, mapping } of functions) {
		const start = mapping.startingPositionTimestamp;
		if (start === null || start === "first-deployment" || Date.parse(start) <= Date.parse(now)) continue;
		report({
			code: "start-in-future",
			path: ["consumers"],
			at: "key",
			detail: `The consumer "${id}" shall start at ${start}, which is still to come: Lambda begins at no such time.`,
			help: "Write `start: now`, or add the consumer then.",
		});
	}
}

async function surveyTables({ resources, functions }: PipelinePlan, survey: Survey, report: Report): Promise<void> {
	for (const resource of resources) {
		if (resource.type !== "AWS::DynamoDB::Table") continue;
		const { id, name, properties } = resource;
		if (properties.kmsKey !== null) await surveyKey(properties.kmsKey, ["table", "kmsKey"], survey, report);
		const found = await lookUpTable(name);
		if (!properties.existing) {
			if (found !== null) survey.owned.set(name, surveyOwned(name, properties, found, report));
			continue;
		}
		const readers = functions.filter(({ source }) => source.type === "dynamodb" && source.resource === id);
		for (const problem of checkAdoptedTable(name, properties, found, readers.length)) report(problem);
		if (found !== null) survey.tables.set(name, adopt(properties, found, survey));
	}
}

function surveyOwned(name: string, { ttl }: OwnedTable, found: FoundTable, report: Report): OwnedTableNow {
	const now = ttlOf(found);
	if (ttl !== null && now !== null && ttl !== now)
		report({
			code: "ttl-change",
			key: "ttl",
			at: "value",
			detail: `The table "${name}" takes its TTL from "${now}". DynamoDB takes another attribute only when TTL is off.`,
			help: "Leave `ttl` out and deploy; an hour later, write the new one and deploy again. Meanwhile nothing expires.",
		});
	const limits = found.onDemandThroughputs?.[0];
	return {
		ttl: now,
		hasMaxReadUnits: (limits?.maxReadRequestUnits ?? 0) > 0,
		hasMaxWriteUnits: (limits?.maxWriteRequestUnits ?? 0) > 0,
	};
}

function adopt(
	planned: PlannedTable,
	{ arn, streamArn, serverSideEncryption }: FoundTable,
	{ keys }: Survey,
): AdoptedTable {
	const actual = serverSideEncryption?.enabled ? serverSideEncryption.kmsKeyArn : null;
	const isPlanned = planned.kmsKey !== null && keys.get(planned.kmsKey) === actual;
	return { arn, streamArn, kmsKeyArn: isPlanned ? null : actual || null };
}

async function surveyStreams({ resources }: PipelinePlan, report: Report): Promise<void> {
	for (const { type, name, properties } of resources) {
		if (type !== "AWS::Kinesis::Stream") continue;
		const found = await lookUpStream(name);
		if (found !== null) for (const problem of checkOwnedStream(name, properties, found)) report(problem);
	}
}

/** Those that permissions name beside a table's: of secrets, and of what consumers write to. */
async function surveyKeys({ functions }: PipelinePlan, survey: Survey, report: Report): Promise<void> {
	const paths = new Map<string, DocumentPath>();
	for (const { sid, resources } of functions.flatMap(({ statements }) => statements))
		for (const resource of resources)
			if (typeof resource === "object" && "kmsKey" in resource && sid !== "DecryptTableStream")
				paths.set(resource.kmsKey, sid === "DecryptSecrets" ? ["secrets", "kmsKey"] : ["consumers"]);
	for (const [kmsKey, path] of paths) await surveyKey(kmsKey, path, survey, report);
}

async function surveyKey(kmsKey: string, path: DocumentPath, { keys }: Survey, report: Report): Promise<void> {
	const arn = keys.get(kmsKey) ?? (await lookUpKey(kmsKey));
	if (arn !== null) {
		keys.set(kmsKey, arn);
		return;
	}
	report({
		code: "kms-key-missing",
		path,
		at: "value",
		detail: `There is no key "${kmsKey}" in this account and region.`,
		help: "Write an alias as alias/orders, a key's id, or its ARN; the key must exist before it is used.",
	});
}
