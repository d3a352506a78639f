/** A map that knows what it was. */
export class Remembering<Value> extends Map<string, Value> {
	readonly #now: () => number;
	/** What stood before each change, oldest first. */
	readonly #before: { at: number; key: string; value: Value | undefined }[] = [];

	constructor(now: () => number) {
		super();
		this.#now = now;
	}

	override set(key: string, value: Value): this {
		this.#before.push({ at: this.#now(), key, value: this.get(key) });
		return super.set(key, value);
	}

	override delete(key: string): boolean {
		this.#before.push({ at: this.#now(), key, value: this.get(key) });
		return super.delete(key);
	}

	/** As it was at a time, in epoch milliseconds. */
	at(time: number): ReadonlyMap<string, Value> {
		const then = new Map<string, Value>(this);
		for (const { at, key, value } of this.#before.toReversed()) {
			if (at <= time) break;
			if (value === undefined) then.delete(key);
			else then.set(key, value);
		}
		return then;
	}
}
