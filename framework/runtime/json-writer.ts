/** Bytes that the writer keeps from text to text: what only a giant needed is given back. */
const KEPT_BYTES = 1024 * 1024;
const FIRST_BYTES = 64 * 1024;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const FIRST_PRINTABLE = 0x20;
const LAST_PRINTABLE = 0x7e;

/**
 * Writes JSON text into bytes that are used again for the next text. Joining strings instead leaves a tree of them behind for every text,
 * and in a batch, whose texts live until they are sent, all of those survive the collector.
 */
export class JsonWriter {
	#bytes = Buffer.allocUnsafe(FIRST_BYTES);
	#length = 0;
	/** Nothing but ASCII so far: its bytes are its characters. */
	#ascii = true;

	/** Appends one character of ASCII: a bracket, a comma. */
	mark(unit: number): void {
		if (this.#length === this.#bytes.length) this.#reserve(1);
		this.#bytes[this.#length++] = unit;
	}

	/** Appends text that is JSON, or a part of JSON, as it is. */
	raw(text: string): void {
		if (this.#length + text.length > this.#bytes.length) this.#reserve(text.length);
		const bytes = this.#bytes;
		let end = this.#length;
		for (let index = 0; index < text.length; index++) {
			const unit = text.charCodeAt(index);
			if (unit > LAST_PRINTABLE) {
				this.#encode(text);
				return;
			}
			bytes[end++] = unit;
		}
		this.#length = end;
	}

	/** Appends a text as a JSON string. */
	string(text: string): void {
		if (this.#length + text.length + 2 > this.#bytes.length) this.#reserve(text.length + 2);
		const bytes = this.#bytes;
		let end = this.#length;
		bytes[end++] = QUOTE;
		for (let index = 0; index < text.length; index++) {
			const unit = text.charCodeAt(index);
			if (unit < FIRST_PRINTABLE || unit > LAST_PRINTABLE || unit === QUOTE || unit === BACKSLASH) {
				this.#encode(JSON.stringify(text));
				return;
			}
			bytes[end++] = unit;
		}
		bytes[end++] = QUOTE;
		this.#length = end;
	}

	/** What `write` appends. Begins anew, whatever an earlier one that threw left behind. */
	text(write: (out: JsonWriter) => void): string {
		if (this.#bytes.length > KEPT_BYTES) this.#bytes = Buffer.allocUnsafe(FIRST_BYTES);
		this.#length = 0;
		this.#ascii = true;
		write(this);
		return this.#bytes.toString(this.#ascii ? "latin1" : "utf8", 0, this.#length);
	}

	#encode(text: string): void {
		// UTF-8 takes at most three bytes for a unit of UTF-16.
		this.#reserve(text.length * 3);
		const written = this.#bytes.write(text, this.#length);
		if (written !== text.length) this.#ascii = false;
		this.#length += written;
	}

	#reserve(bytes: number): void {
		if (this.#length + bytes <= this.#bytes.length) return;
		const larger = Buffer.allocUnsafe(Math.max(2 * this.#bytes.length, this.#length + bytes));
		this.#bytes.copy(larger, 0, 0, this.#length);
		this.#bytes = larger;
	}
}

const shared = new JsonWriter();

/** The text that `write` appends. It must not ask for another text meanwhile: all share one writer. */
export function jsonText(write: (out: JsonWriter) => void): string {
	return shared.text(write);
}
