/** Time as the embedded services see it, so that tests turn hours in an instant. */
export interface Clock {
	/** Epoch milliseconds. */
	now(): number;
	/** Calls back once after so many milliseconds of this clock; the answer cancels. */
	after(milliseconds: number, callback: () => void): () => void;
}

export const systemClock: Clock = {
	now: () => Date.now(),
	after(milliseconds, callback) {
		const timer = setTimeout(callback, milliseconds);
		return () => clearTimeout(timer);
	},
};
