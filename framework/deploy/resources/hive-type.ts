/** Names that Hive has otherwise than Trino. */
const SCALARS: Readonly<Record<string, string>> = { varchar: "string", "timestamp(3)": "timestamp" };

/** Trino's type in Hive's words, as Glue keeps the columns of a view: `row("a" varchar)` is `struct<a:string>`. */
export function toHiveType(type: string): string {
	const [, outer, inner = ""] = /^(row|array)\((.*)\)$/s.exec(type) ?? [];
	if (outer === "array") return `array<${toHiveType(inner)}>`;
	if (outer !== "row") return SCALARS[type] ?? type;
	const fields = splitFields(inner).map((field) => {
		const [, name, of = ""] = /^"([^"]*)" (.*)$/s.exec(field) ?? [];
		return `${name}:${toHiveType(of)}`;
	});
	return `struct<${fields.join(",")}>`;
}

/** At the commas that stand in no brackets. */
function splitFields(text: string): string[] {
	const fields = [""];
	let depth = 0;
	for (const sign of text) {
		if (sign === "(") depth += 1;
		if (sign === ")") depth -= 1;
		if (sign === "," && depth === 0) fields.push("");
		else fields[fields.length - 1] += sign;
	}
	return fields.map((field) => field.trim());
}
