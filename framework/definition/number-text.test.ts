import { expect, test } from "vitest";
import { toNumberText } from "./number-text.ts";

test.each([
	["100", "100"],
	["+5", "5"],
	["-.5", "-0.5"],
	["5.", "5"],
	["007", "7"],
	["1e3", "1E3"],
	["0.00", "0.00"],
	["9".repeat(38), "9".repeat(38)],
	["9.9e125", "9.9E125"],
	["1e-130", "1E-130"],
])("%s is %s", (source, text) => expect(toNumberText(source)).toBe(text));

test.each(["9".repeat(39), "1e126", "1e-131", "0x1F", "0o7", ".inf", ".nan", ""])("%s is refused", (source) =>
	expect(toNumberText(source)).toBeNull(),
);
