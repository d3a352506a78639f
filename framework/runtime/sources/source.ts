/** What a source says about one member of `Records`, before anybody looks into the record itself. */
export interface Identity {
	/** What a batch response calls it; null when the source gave none. */
	identifier: string | null;
	/** The source's own name for it, for a record without DynamoDB's eventID. */
	eventID: string | null;
	/** Epoch seconds at which the source took it; 0 when unknown. */
	arrived: number;
}

/** The record inside a member: its JSON, or the bytes that are none. */
export type Content = { json: unknown } | { bytes: Buffer; problem: string };

export interface Source {
	recognise(member: Record<string, unknown>): boolean;
	identify(member: Record<string, unknown>): Identity;
	decode(member: Record<string, unknown>): Content;
}

export function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function textOrNull(value: unknown): string | null {
	return typeof value === "string" && value !== "" ? value : null;
}

export function secondsOrZero(value: unknown): number {
	return typeof value === "number" && Number.isFinite(value) && value > 0 ? Math.floor(value) : 0;
}
