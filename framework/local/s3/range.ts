import { AwsError } from "../aws-json.ts";

/** Bytes from `start` up to `end`, which is not included. */
export interface ByteRange {
	start: number;
	end: number;
}

/** One range of an object (RFC 9110, 14.1.2). null = the whole: no range, or a form that servers ignore. */
export function parseRange(header: string | undefined, size: number): ByteRange | null {
	const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
	if (first === undefined || last === undefined || (first === "" && last === "")) return null;
	const range =
		first === ""
			? { start: Math.max(0, size - Number(last)), end: size }
			: { start: Number(first), end: last === "" ? size : Math.min(size, Number(last) + 1) };
	if (last !== "" && first !== "" && Number(last) < Number(first)) return null;
	if (range.start >= range.end)
		throw new AwsError("InvalidRange", `The range asked for lies behind the ${size} bytes of the object.`, 416);
	return range;
}
