/** A query that the console offers; a `?` is asked for. */
export interface NamedQuery {
	id: string;
	why: string;
	query: string;
}

/** What is asked most. They name days where they can: each day that is not named is not read and not paid for. */
export const planQueries = (): NamedQuery[] => [
	{
		id: "events-of-today",
		why: "Today's changes by what happened.",
		query: "SELECT event, count(*) AS events FROM events WHERE dt = CAST(current_date AS VARCHAR) GROUP BY event",
	},
	{
		id: "history-of-an-item",
		why: "What became of one item, change by change. The question mark is its partition key.",
		query: "SELECT time, event, attribute, old, new FROM changes WHERE pk = ? ORDER BY sequence, attribute",
	},
	{
		id: "latest-items",
		why: "Items as they are after their last change.",
		query: "SELECT pk, sk, item, time FROM latest ORDER BY time DESC LIMIT 100",
	},
];
