import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeLines } from "./ndjson.ts";

test("lines of any lengths are the bytes of their text", () => {
	const line = fc.oneof(fc.string({ unit: "binary" }), fc.string({ minLength: 1000, maxLength: 5000 }));
	fc.assert(
		fc.property(fc.array(line), (lines) => {
			expect(encodeLines(lines, (each) => each)).toEqual(Buffer.from(lines.map((each) => `${each}\n`).join("")));
		}),
	);
});
