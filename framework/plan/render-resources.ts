import { paragraph } from "./layout.ts";
import type { OwnedTable, PlannedResource, TableProperties } from "./types.ts";
import { count } from "./words.ts";

/** What people call each resource. */
export const RESOURCE_TYPES = {
	"AWS::DynamoDB::Table": "DynamoDB table",
	"AWS::Kinesis::Stream": "Kinesis stream",
	"AWS::Kinesis::StreamConsumer": "Kinesis reader",
	"AWS::S3::Bucket": "S3 bucket",
	"AWS::Scheduler::Schedule": "Schedule",
	"AWS::CloudWatch::Alarm": "Alarm",
	"AWS::CloudWatch::Dashboard": "Dashboard",
	"AWS::Glue::Database": "Glue database",
	"AWS::Glue::Table": "Glue table",
	"AWS::Athena::WorkGroup": "Athena group",
	"AWS::Athena::NamedQuery": "Athena query",
} as const satisfies Record<PlannedResource["type"], string>;

/** What each resource is called, why it exists and how it is made. */
export function listResources(resources: readonly PlannedResource[]): string[] {
	// Alarms are listed by what they watch.
	const listed = resources.filter((each) => each.type !== "AWS::CloudWatch::Alarm" && !isInDatabase(each));
	return listed.flatMap((resource) => [
		...paragraph(resource.name, `  ${RESOURCE_TYPES[resource.type].padEnd(UNDER.length - 4)}  `),
		...paragraph(resource.why, UNDER),
		...describeProperties(resource).flatMap((text) => paragraph(text, UNDER)),
	]);
}

/** What stands in a database is told with it. */
export const isInDatabase = ({ type }: PlannedResource): boolean =>
	type === "AWS::Glue::Table" || type === "AWS::Athena::NamedQuery";

const UNDER = " ".repeat(18);

/** How it is made, in phrases. */
export function describeProperties(resource: PlannedResource): string[] {
	switch (resource.type) {
		case "AWS::DynamoDB::Table":
			return [describeTable(resource.properties)];
		case "AWS::Kinesis::Stream": {
			const { capacity, retentionHours } = resource.properties;
			const size = capacity.mode === "on-demand" ? "on-demand capacity" : count(capacity.shards, "shard");
			return [`${size}, keeps ${retentionHours} h`];
		}
		case "AWS::Kinesis::StreamConsumer":
		case "AWS::Scheduler::Schedule":
		case "AWS::CloudWatch::Alarm":
		case "AWS::CloudWatch::Dashboard":
		case "AWS::Glue::Database":
		case "AWS::Athena::NamedQuery":
			return [];
		case "AWS::Glue::Table":
			return [resource.properties.lines?.location ?? "a view"];
		case "AWS::Athena::WorkGroup":
			return [
				`at most ${resource.properties.scanLimitBytes / 1e9} GB a query, results in ${resource.properties.results}`,
			];
		case "AWS::S3::Bucket":
			return resource.properties.expirations.map(({ prefix, days }) => `${prefix} is deleted after ${days} d`);
	}
}

function describeTable(table: TableProperties): string {
	const { keys, ttl, viewType, kmsKey } = table;
	const key = [keys.partition, keys.sort].flatMap((each) => (each ? [`${each.name} (${each.type})`] : []));
	return [
		`key ${key.join(" + ")}`,
		...(ttl === null ? [] : [`TTL ${ttl}`]),
		...(viewType === null ? [] : [`stream of ${viewType}`]),
		...(table.existing ? ["adopted: looked up, never made or changed"] : describeOwned(table)),
		...(kmsKey === null ? [] : [`encrypted with ${kmsKey}`]),
	].join(", ");
}

function describeOwned({ billing, pointInTimeRecoveryDays, deletionProtection, tableClass }: OwnedTable): string[] {
	return [
		describeBilling(billing),
		pointInTimeRecoveryDays === 0
			? "no point-in-time recovery"
			: `point-in-time recovery of ${pointInTimeRecoveryDays} d`,
		deletionProtection ? "protected from deletion" : "not protected from deletion",
		...(tableClass === "STANDARD" ? [] : [`class ${tableClass}`]),
	];
}

function describeBilling(billing: OwnedTable["billing"]): string {
	if (billing.mode === "provisioned") return `${billing.readUnits} read and ${billing.writeUnits} write units/s`;
	const { maxReadUnits, maxWriteUnits } = billing;
	const ceilings = [
		...(maxReadUnits === null ? [] : [`${maxReadUnits} reads/s`]),
		...(maxWriteUnits === null ? [] : [`${maxWriteUnits} writes/s`]),
	];
	return ceilings.length === 0 ? "on-demand" : `on-demand up to ${ceilings.join(" and ")}`;
}
