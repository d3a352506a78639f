/** Bytes that the writer keeps from text to text: what only a giant needed is given back. */
const KEPT_BYTES = 1024 * 1024;
const FIRST_BYTES = 64 * 1024;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const [MINUS, POINT, ZERO, NINE] = [0x2d, 0x2e, 0x30, 0x39];
const FIRST_PRINTABLE = 0x20;
const LAST_OF_ASCII = 0x7f;
const LAST_OF_LATIN1 = 0xff;

/**
 * Writes JSON text into bytes that are used again for the next text. Joining strings instead leaves a tree of them behind for every text,
 * and in a batch, whose texts live until they are sent, all of those survive the collector.
 */
export class JsonWriter {
	#bytes = Buffer.allocUnsafe(FIRST_BYTES);
	#length = 0;
	/** The last character that is one byte: the bytes are Latin-1 until another comes, and UTF-8 from then on. */
	#last = LAST_OF_LATIN1;

	/** Appends one character of ASCII: a bracket, a comma. */
	mark(unit: number): void {
		if (this.#length === this.#bytes.length) this.#reserve(1);
		this.#bytes[this.#length++] = unit;
	}

	/** Appends text that is JSON, or a part of JSON, as it is. */
	raw(text: string): void {
		const { length } = text;
		if (this.#length + length > this.#bytes.length) this.#reserve(length);
		const bytes = this.#bytes;
		const last = this.#last;
		let end = this.#length;
		for (let index = 0; index < length; index++) {
			const unit = text.charCodeAt(index);
			if (unit > last) {
				this.#encode(text);
				return;
			}
			bytes[end++] = unit;
		}
		this.#length = end;
	}

	/** Appends a text as a JSON string. */
	string(text: string): void {
		const { length } = text;
		if (this.#length + 2 * length + 2 > this.#bytes.length) this.#reserve(2 * length + 2);
		const bytes = this.#bytes;
		const last = this.#last;
		let end = this.#length;
		bytes[end++] = QUOTE;
		for (let index = 0; index < length; index++) {
			const unit = text.charCodeAt(index);
			// Most are lower-case letters, and those are above all that needs a look.
			if (unit <= BACKSLASH || unit > last) {
				if (unit < FIRST_PRINTABLE || unit > last) {
					this.raw(JSON.stringify(text));
					return;
				}
				if (unit === QUOTE || unit === BACKSLASH) bytes[end++] = BACKSLASH;
			}
			bytes[end++] = unit;
		}
		bytes[end++] = QUOTE;
		this.#length = end;
	}

	/**
	 * Appends a number as nearly all are written, `-12.5`; appends nothing and answers false for any other text, be it a number or not.
	 * A regular expression would cost as much as the whole.
	 */
	plainNumber(text: string): boolean {
		const { length } = text;
		if (this.#length + length > this.#bytes.length) this.#reserve(length);
		const bytes = this.#bytes;
		let end = this.#length;
		let index = 0;
		let unit = text.charCodeAt(0);
		if (unit === MINUS) {
			bytes[end++] = unit;
			unit = text.charCodeAt(++index);
		}
		if (!(unit > ZERO && unit <= NINE)) return false;
		let points = 0;
		for (; index < length; index++) {
			unit = text.charCodeAt(index);
			if (unit === POINT) points++;
			else if (!(unit >= ZERO && unit <= NINE)) return false;
			bytes[end++] = unit;
		}
		if (points > 1 || unit === POINT) return false;
		this.#length = end;
		return true;
	}

	/** Begins a text anew, whatever an earlier one that threw left behind. */
	begin(): this {
		if (this.#bytes.length > KEPT_BYTES) this.#bytes = Buffer.allocUnsafe(FIRST_BYTES);
		this.#length = 0;
		this.#last = LAST_OF_LATIN1;
		return this;
	}

	/** What was appended since the beginning. */
	end(): string {
		return this.#bytes.toString(this.#last === LAST_OF_LATIN1 ? "latin1" : "utf8", 0, this.#length);
	}

	#encode(text: string): void {
		if (this.#last === LAST_OF_LATIN1) {
			const before = this.#bytes.toString("latin1", 0, this.#length);
			this.#last = LAST_OF_ASCII;
			this.#length = 0;
			this.#encode(before);
		}
		// UTF-8 takes at most three bytes for a unit of UTF-16.
		this.#reserve(text.length * 3);
		this.#length += this.#bytes.write(text, this.#length);
	}

	#reserve(bytes: number): void {
		if (this.#length + bytes <= this.#bytes.length) return;
		const larger = Buffer.allocUnsafe(Math.max(2 * this.#bytes.length, this.#length + bytes));
		this.#bytes.copy(larger, 0, 0, this.#length);
		this.#bytes = larger;
	}
}

const shared = new JsonWriter();

/** A text's beginning. Nobody may begin another before its end: all share one writer. */
export function beginText(): JsonWriter {
	return shared.begin();
}

/** The text that `write` appends, likewise. */
export function jsonText(write: (out: JsonWriter) => void): string {
	const out = beginText();
	write(out);
	return out.end();
}
