/** DynamoDB developer guide, "Data types": 38 significant digits, magnitudes from 1E-130 to 9.99…E+125. */
const MAX_DIGITS = 38;
const MIN_EXPONENT = -130;
const MAX_EXPONENT = 125;

const DECIMAL =
	/^(?<sign>[-+]?)(?:(?<whole>\d+)(?:\.(?<fraction>\d*))?|\.(?<bare>\d+))(?:[eE](?<exponent>[-+]?\d{1,6}))?$/;

/** A YAML number's source as DynamoDB writes numbers in JSON (no plus sign, a digit at each side of the point); null if it cannot hold it. */
export function toNumberText(source: string): string | null {
	const groups = DECIMAL.exec(source)?.groups;
	if (!groups) return null;
	const { sign = "", whole = "0", fraction = groups.bare ?? "", exponent } = groups;
	const digits = (whole + fraction).replace(/^0+/, "");
	const significant = digits.replace(/0+$/, "");
	if (significant.length > MAX_DIGITS) return null;
	// Of the first significant digit: 123.4 has 2, 0.01 has -2.
	const magnitude = digits.length - 1 - fraction.length + Number(exponent ?? 0);
	if (significant !== "" && (magnitude < MIN_EXPONENT || magnitude > MAX_EXPONENT)) return null;
	const point = fraction === "" ? "" : `.${fraction}`;
	return `${sign === "-" ? "-" : ""}${whole.replace(/^0+(?=\d)/, "")}${point}${exponent === undefined ? "" : `E${Number(exponent)}`}`;
}
