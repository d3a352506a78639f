import type { JsonInput, JsonOperations } from "../aws-json.ts";
import type { Context } from "./context.ts";
import { numberIn, objectIn, tableIn, textIn, validationError } from "./input.ts";

/** Point-in-time recovery reaches back 1 to 35 days. */
const RECOVERY_DAYS = { min: 1, max: 35, absent: 35 };

/** TTL and point-in-time recovery. TTL works; recovery is remembered, there is nothing to recover from. */
export function settingsOperations(context: Context): JsonOperations {
	const { store, settings } = context;
	return {
		UpdateTimeToLive: (input) => updateTimeToLive(context, input),
		async DescribeTimeToLive(input) {
			const { ttl } = settings.of((await tableIn(store, input)).TableName);
			const status =
				ttl === null ? { TimeToLiveStatus: "DISABLED" } : { TimeToLiveStatus: "ENABLED", AttributeName: ttl };
			return { TimeToLiveDescription: status };
		},
		UpdateContinuousBackups: (input) => updateContinuousBackups(context, input),
		async DescribeContinuousBackups(input) {
			return describeBackups(context, (await tableIn(store, input)).TableName);
		},
	};
}

async function updateTimeToLive({ store, commits, settings, sweeper }: Context, input: JsonInput): Promise<object> {
	const { TableName } = await tableIn(store, input);
	const specification = objectIn(input, "TimeToLiveSpecification");
	const attribute = textIn(specification, "AttributeName");
	const { ttl } = settings.of(TableName);
	if (typeof specification.Enabled !== "boolean") throw validationError("TimeToLiveSpecification needs Enabled.");
	if (specification.Enabled === (ttl !== null) && (ttl === null || ttl === attribute))
		throw validationError(`TimeToLive is already ${ttl === null ? "disabled" : "enabled"}`);
	if (ttl !== null && ttl !== attribute)
		throw validationError(`TimeToLive is active on a different AttributeName: current AttributeName is ${ttl}`);
	await commits.write([settings.change(TableName, { ttl: specification.Enabled ? attribute : null })]);
	if (specification.Enabled) await sweeper.adopt(TableName);
	return { TimeToLiveSpecification: specification };
}

async function updateContinuousBackups(context: Context, input: JsonInput): Promise<object> {
	const { TableName } = await tableIn(context.store, input);
	const specification = objectIn(input, "PointInTimeRecoverySpecification");
	const days = numberIn(specification, "RecoveryPeriodInDays", RECOVERY_DAYS);
	const recoveryDays = specification.PointInTimeRecoveryEnabled === true ? days : 0;
	await context.commits.write([context.settings.change(TableName, { recoveryDays })]);
	return describeBackups(context, TableName);
}

function describeBackups({ settings }: Context, table: string): object {
	const { recoveryDays } = settings.of(table);
	return {
		ContinuousBackupsDescription: {
			ContinuousBackupsStatus: "ENABLED",
			PointInTimeRecoveryDescription:
				recoveryDays === 0
					? { PointInTimeRecoveryStatus: "DISABLED" }
					: { PointInTimeRecoveryStatus: "ENABLED", RecoveryPeriodInDays: recoveryDays },
		},
	};
}
