/** Hours that a table's stream keeps a record (DynamoDB developer guide, "Change data capture for DynamoDB Streams"). */
export const TABLE_STREAM_RETENTION_HOURS = 24;

/** Highest MaximumRecordAgeInSeconds (Lambda API reference, CreateEventSourceMapping). */
const HIGHEST_RECORD_AGE_SECONDS = 604_800;

/**
 * MaximumRecordAgeInSeconds of a mapping: the backstop behind the runtime's own parking. Two hours inside the stream's retention,
 * because a record that expires at the source goes to no destination and shows in no metric.
 */
export function recordAgeBackstop(retentionHours: number): number {
	return Math.min((retentionHours - 2) * 3600, HIGHEST_RECORD_AGE_SECONDS);
}
