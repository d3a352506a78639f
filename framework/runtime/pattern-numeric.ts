type Bound = { operator: string; value: number };

/** Compiles `numeric`: one comparison, or a lower bound and then an upper one. */
export function compileNumeric(operand: unknown, place: string): (leaf: unknown) => boolean {
	if (!Array.isArray(operand)) throw new Error(`Value of numeric must be an array${place}`);
	if (operand.length === 0) throw new Error(`Empty arrays are not allowed${place}`);
	const first = readBound(operand, 0, place);
	const isLower = first.operator === ">" || first.operator === ">=";
	if (operand.length === 2) return comparison(first);
	if (!isLower || operand.length > 4) throw new Error(`Too many elements in numeric expression${place}`);
	const second = readBound(operand, 2, place);
	if (second.operator !== "<" && second.operator !== "<=") throw new Error(`Bad numeric range operator${place}`);
	if (first.value >= second.value) throw new Error(`Bottom must be less than top${place}`);
	const [above, below] = [comparison(first), comparison(second)];
	return (leaf) => above(leaf) && below(leaf);
}

const OPERATORS = ["=", "<", "<=", ">", ">="];

function readBound(operand: unknown[], index: number, place: string): Bound {
	const operator = operand[index];
	if (typeof operator !== "string" || !OPERATORS.includes(operator))
		throw new Error(`Unrecognized numeric range operator: ${String(operator)}${place}`);
	const value = operand[index + 1];
	if (typeof value !== "number" && typeof value !== "bigint")
		throw new Error(`Value of ${operator} must be numeric${place}`);
	if (!isExact(value)) throw new Error(`Cannot compare number: ${value}${place}`);
	return { operator, value: Number(value) };
}

/**
 * AWS refuses what a double cannot hold. A parsed float no longer shows what was written: beyond 2^53, one of more than
 * 15 digits was probably rounded and is refused, while 1e18 is not.
 */
function isExact(value: number | bigint): boolean {
	if (typeof value === "bigint") return BigInt(Number(value)) === value;
	if (!Number.isFinite(value)) return false;
	const digits = String(Math.abs(value)).replace(/e.*$/, "").replace(/\D/g, "").replace(/0+$/, "");
	return Math.abs(value) <= Number.MAX_SAFE_INTEGER || digits.length <= 15;
}

function comparison({ operator, value }: Bound): (leaf: unknown) => boolean {
	const accepts = COMPARISONS[operator] as (leaf: number | bigint, value: number) => boolean;
	return (leaf) => (typeof leaf === "number" || typeof leaf === "bigint") && accepts(leaf, value);
}

const COMPARISONS: Readonly<Record<string, (leaf: number | bigint, value: number) => boolean>> = {
	// biome-ignore lint/suspicious/noDoubleEquals: a bigint and a number are equal by value only so.
	"=": (leaf, value) => leaf == value,
	"<": (leaf, value) => leaf < value,
	"<=": (leaf, value) => leaf <= value,
	">": (leaf, value) => leaf > value,
	">=": (leaf, value) => leaf >= value,
};
