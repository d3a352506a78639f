import type { DocumentPath } from "../diagnostics/diagnostic.ts";
import type { Source } from "./read.ts";
import type { Value, ValueObject } from "./values.ts";

/** Where a merged value was written. */
export interface Origin {
	source: Source;
	path: DocumentPath;
}

/** A value and, for every value in it, who wrote it: so that a problem is shown where its cause stands. */
export interface Annotated {
	value: Value;
	origin: Origin | null;
	members: ReadonlyMap<string | number, Annotated>;
}

/** Settings of one mapping that a bare word stands for: `fanOut: direct` is `fanOut: { mode: direct }`. A `*` is any member. */
const SHORTHANDS: readonly DocumentPath[] = [["fanOut"], ["table", "billing"], ["consumers", "*", "redrive"]];

/** A part of a file as an annotated value, shorthands written out. */
export function annotate(source: Source, value: Value, path: DocumentPath, at: DocumentPath = []): Annotated {
	const origin = { source, path };
	if (typeof value === "string" && SHORTHANDS.some((shorthand) => matches(shorthand, at)))
		return {
			value: { mode: value },
			origin: { ...origin },
			members: new Map([["mode", { value, origin, members: new Map() }]]),
		};
	const members = membersOf(value).map(
		([key, member]) => [key, annotate(source, member, [...path, key], [...at, key])] as const,
	);
	return rebuild(value, origin, members);
}

/** A value that nobody wrote: the framework's own defaults. */
export function annotateDefault(value: Value): Annotated {
	return rebuild(
		value,
		null,
		membersOf(value).map(([key, member]) => [key, annotateDefault(member)] as const),
	);
}

/**
 * Lays one value over another: objects merge by key, scalars and lists replace; so does a shorthand, being a scalar.
 * An object of both is shown where `home` says: missing keys belong to the pipeline's file, not to what lies under it or over it.
 */
export function overlay(lower: Annotated, upper: Annotated, home: "lower" | "upper"): Annotated {
	if (!isObject(lower.value) || !isObject(upper.value) || isShorthand(upper)) return upper;
	const members = new Map(lower.members);
	for (const [key, member] of upper.members) {
		const below = members.get(key);
		members.set(key, below === undefined ? member : overlay(below, member, home));
	}
	return rebuild(lower.value, home === "lower" ? (lower.origin ?? upper.origin) : upper.origin, [...members]);
}

/** A copy with other members, and the value that they make. */
export function withMembers(annotated: Annotated, members: Iterable<readonly [string | number, Annotated]>): Annotated {
	return rebuild(annotated.value, annotated.origin, [...members]);
}

/** In which file, and by which path there, a merged path's value was written; what nobody wrote belongs to what is above it. */
export function findOrigin(root: Annotated, path: DocumentPath): Origin | null {
	let annotated: Annotated | undefined = root;
	let { origin } = root;
	let depth = 0;
	for (const [index, step] of path.entries()) {
		annotated = annotated.members.get(step);
		if (annotated === undefined) break;
		if (annotated.origin !== null) [origin, depth] = [annotated.origin, index + 1];
	}
	return origin && { source: origin.source, path: [...origin.path, ...path.slice(depth)] };
}

/** The merged value at a path with who wrote it; undefined if nobody did and it is no default of ours. */
export function findAnnotated(root: Annotated, path: DocumentPath): Annotated | undefined {
	let annotated: Annotated | undefined = root;
	for (const step of path) annotated = annotated?.members.get(step);
	return annotated;
}

export function isObject(value: Value | undefined): value is ValueObject {
	return typeof value === "object" && !Array.isArray(value);
}

function rebuild(shape: Value, origin: Origin | null, members: (readonly [string | number, Annotated])[]): Annotated {
	if (typeof shape !== "object") return { value: shape, origin, members: new Map() };
	const values = members.map(([key, member]) => [key, member.value] as const);
	const value = Array.isArray(shape) ? values.map(([, member]) => member) : Object.fromEntries(values);
	return { value, origin, members: new Map(members) };
}

function membersOf(value: Value): [string | number, Value][] {
	if (Array.isArray(value)) return [...value.entries()];
	return typeof value === "object" ? Object.entries(value) : [];
}

/** A shorthand's only member was written at the same place as itself. */
function isShorthand({ origin, members }: Annotated): boolean {
	const mode = members.get("mode")?.origin;
	return origin !== null && mode !== null && mode !== undefined && isSamePath(origin.path, mode.path);
}

function matches(shorthand: DocumentPath, path: DocumentPath): boolean {
	return shorthand.length === path.length && shorthand.every((step, index) => step === "*" || step === path[index]);
}

function isSamePath(one: DocumentPath, other: DocumentPath): boolean {
	return one.length === other.length && one.every((step, index) => step === other[index]);
}
