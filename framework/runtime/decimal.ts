/** A number as text took it: sign × 0.digits × 10^exponent. No float in it. */
export interface Decimal {
	sign: -1 | 0 | 1;
	/** Without zeros at either end; empty for zero. */
	digits: string;
	exponent: number;
}

// DynamoDB ends at 1E+126 (developer guide, "Data types"); an exponent of more digits than this is no number of its.
const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,6}))?$/;

/** Reads a number's text; null for a text that is none. */
export function parseDecimal(text: string): Decimal | null {
	const match = NUMBER.exec(text);
	if (match === null) return null;
	const [, sign, whole = "", fraction = "", exponent = "0"] = match;
	if (whole === "" && fraction === "") return null;
	const all = whole + fraction;
	const first = all.search(/[1-9]/);
	if (first === -1) return { sign: 0, digits: "", exponent: 0 };
	return {
		sign: sign === "-" ? -1 : 1,
		digits: trimZeros(all.slice(first)),
		exponent: Number(exponent) + whole.length - first,
	};
}

const SHORT = /^-?\d{1,14}(?:\.\d{1,14})?$/;
/** With sign and point no more than 15 digits: those a double keeps apart, and in order. */
const SHORT_UNITS = 16;

/** The number of a text that JavaScript compares as exactly as decimals are; null for any other. */
export function shortNumber(text: string): number | null {
	return text.length <= SHORT_UNITS && SHORT.test(text) ? Number(text) : null;
}

/** A loop: the regular expression for this is quadratic in a run of zeros that does not end the text. */
function trimZeros(digits: string): string {
	let end = digits.length;
	while (digits.charCodeAt(end - 1) === 48) end--;
	return digits.slice(0, end);
}

/** Negative, zero or positive, as `left` is less than, equal to or greater than `right`. */
export function compareDecimals(left: Decimal, right: Decimal): number {
	if (left.sign !== right.sign) return left.sign - right.sign;
	if (left.exponent !== right.exponent) return left.sign * (left.exponent - right.exponent);
	if (left.digits === right.digits) return 0;
	// Digits begin behind the point and do not end in zeros, so that text order is their order.
	return left.digits < right.digits ? -left.sign : left.sign;
}

/** Compares two numbers' texts; a text that is no number comes last, and two of them compare as texts. */
export function compareNumbers(left: string, right: string): number {
	const [a, b] = [parseDecimal(left), parseDecimal(right)];
	if (a !== null && b !== null) return compareDecimals(a, b);
	if (a === null && b === null) return left < right ? -1 : left > right ? 1 : 0;
	return a === null ? 1 : -1;
}
