/** Where CloudWatch keeps the runtime's metrics, and by what they are told apart. Alarms and dashboards name them from here. */
export const METRIC_NAMESPACE = "Tributary";
export const METRIC_DIMENSIONS = ["environment", "pipeline", "consumer"] as const;
export type MetricDimensions = Record<(typeof METRIC_DIMENSIONS)[number], string>;

/**
 * Of one consumer (or of `lake` or `router`) in one invocation, with CloudWatch's units. What is received is skipped, deduplicated,
 * delivered, parked, retried or held: `selected` is all of it but the skipped.
 */
export const CONSUMER_METRICS = {
	received: "Count",
	/** What the condition lets through. */
	selected: "Count",
	delivered: "Count",
	/** Known to be delivered already. */
	deduplicated: "Count",
	/** Failed for now: they come again. */
	retried: "Count",
	/** Refused by the consumer; each is parked. */
	rejected: "Count",
	/** Stored as dead letters, for whatever reason. */
	parked: "Count",
	/** Not attempted: behind another of their item, or without time. */
	held: "Count",
	/** Of each delivery, from the record's own time on; up to 100 values, the oldest among them. */
	age: "Milliseconds",
} as const;

/** Of the ordered writer to Kinesis in one invocation, beside the router's own. */
export const WRITER_METRICS = {
	/** PutRecords calls. */
	calls: "Count",
	/** Entries that Kinesis did not take at once. */
	refused: "Count",
	/** Calls of unknown outcome. */
	unconfirmed: "Count",
	/** Records that were too large to travel. */
	claimChecks: "Count",
	/** Records of the item with the most records in the batch. They travel one after another: this is what a hot key costs. */
	hotItemRecords: "Count",
	/** From the first put of that item to the last acceptance. */
	hotItemTime: "Milliseconds",
} as const;

/** Of one consumer, in one look for what is due to be redriven by itself. Nothing is written where nothing is due. */
export const REDRIVE_METRICS = {
	/** Dead letters that were delivered. */
	redriven: "Count",
	/** Items whose record failed for now; each is tried again later. */
	redriveRetried: "Count",
	/** Items that stay for a person from now on. */
	redriveGivenUp: "Count",
} as const;

export type ConsumerMetric = keyof typeof CONSUMER_METRICS;
export type WriterMetric = keyof typeof WRITER_METRICS;
export type RedriveMetric = keyof typeof REDRIVE_METRICS;
