/** Digits of a sequence number, as on AWS; so texts compare like the numbers. */
const COUNTER_DIGITS = 36;

/**
 * Sequence numbers of one shard: consecutive, and above those of a stream of the same name that was deleted before, so that a
 * checkpoint of that one never hides records of this one.
 */
export interface Sequence {
	/** Number of the record at a place of the shard, counted from 1; 0 stands for before the first. */
	at(place: number): string;
	/** The place of a number: 0 for numbers below all of this shard, Infinity for those above. */
	place(sequenceNumber: string): number;
	/** Whether a number can be one of this shard's. */
	owns(sequenceNumber: string): boolean;
	/** The number before one of this shard's. */
	before(sequenceNumber: string): string;
}

export function shardSequence(createdAt: number, shardIndex: number): Sequence {
	const prefix = `49${String(createdAt).padStart(13, "0")}${String(shardIndex).padStart(5, "0")}`;
	const length = prefix.length + COUNTER_DIGITS;
	const owns = (sequenceNumber: string): boolean =>
		sequenceNumber.length === length && sequenceNumber.startsWith(prefix) && /^\d+$/.test(sequenceNumber);
	const counter = (sequenceNumber: string): number => Number(sequenceNumber.slice(prefix.length));
	const at = (place: number): string => prefix + String(place).padStart(COUNTER_DIGITS, "0");
	return {
		at,
		place(sequenceNumber) {
			if (owns(sequenceNumber)) return counter(sequenceNumber);
			return sequenceNumber.padStart(length, "0") < prefix ? 0 : Number.POSITIVE_INFINITY;
		},
		owns,
		before: (sequenceNumber) => at(Math.max(0, counter(sequenceNumber) - 1)),
	};
}
