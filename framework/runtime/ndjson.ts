const LINE_BREAK = 0x0a;

/** UTF-8 takes at most three bytes for a unit of UTF-16. */
const MOST_BYTES_A_UNIT = 3;

/**
 * Texts, one a line, as bytes. Each is written as it is made and can go at once: joined first, all of them would be in memory
 * three times, as lines, as one string and as bytes.
 */
export function encodeLines<T>(members: readonly T[], lineOf: (member: T) => string): Buffer {
	let bytes = Buffer.allocUnsafe(0);
	let end = 0;
	for (const [index, member] of members.entries()) {
		const line = lineOf(member);
		const most = line.length * MOST_BYTES_A_UNIT + 1;
		if (end + most > bytes.length) {
			// The others are taken to be about as long as this one.
			const room = Math.ceil(line.length * 1.2) * (members.length - index);
			const larger = Buffer.allocUnsafe(end + most + room);
			bytes.copy(larger, 0, 0, end);
			bytes = larger;
		}
		end += bytes.write(line, end);
		bytes[end++] = LINE_BREAK;
	}
	return bytes.subarray(0, end);
}
