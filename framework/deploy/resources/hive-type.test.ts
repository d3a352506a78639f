import { expect, test } from "vitest";
import { toHiveType } from "./hive-type.ts";

test.each([
	["varchar", "string"],
	["timestamp(3)", "timestamp"],
	["decimal(38,2)", "decimal(38,2)"],
	["array(varchar)", "array<string>"],
	[
		'row("a" decimal(38,0), "b_" array(row("c" timestamp(3), "d" double)))',
		"struct<a:decimal(38,0),b_:array<struct<c:timestamp,d:double>>>",
	],
])("%s", (trino, hive) => {
	expect(toHiveType(trino)).toBe(hive);
});
