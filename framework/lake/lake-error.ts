export type LakeErrorCode =
	/** The object cannot be decompressed, or a line of it is no JSON. */
	| "object-broken"
	/** The object went away between listing and reading. */
	| "object-gone"
	/** There is no such bucket, or no access to it. */
	| "lake-unreachable"
	/** Whoever could say what the lake should hold gives no answer. */
	| "witness-unreachable";

/** Something of the lake cannot be read. `key` and `line` (from 1) say where. */
export class LakeError extends Error {
	override readonly name = "LakeError";
	readonly code: LakeErrorCode;
	readonly key: string | null;
	readonly line: number | null;

	constructor(code: LakeErrorCode, message: string, place: { key?: string; line?: number } = {}) {
		super(message);
		this.code = code;
		this.key = place.key ?? null;
		this.line = place.line ?? null;
	}
}
