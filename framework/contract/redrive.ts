export const REDRIVE_SOURCE = "tributary.redrive";

/** How the dead letters of a consumer are redriven by themselves. */
export interface RedrivePolicy {
	/** Minutes between two looks for what is due, and the wait after a record's first failure; it doubles, up to 16 times as long. */
	everyMinutes: number;
	/** Attempts at a record; then its item stays for a person. */
	maxAttempts: number;
}

/** What a function that delivers is given on a schedule, instead of a batch: the look for what one of its consumers is owed. */
export interface RedriveEvent extends RedrivePolicy {
	source: typeof REDRIVE_SOURCE;
	consumer: string;
	/** ISO time for which it was scheduled. */
	time: string;
}

/** What EventBridge Scheduler puts the scheduled time in for (user guide, "Adding context attributes"). */
export const SCHEDULED_TIME = "<aws.scheduler.scheduled-time>";
