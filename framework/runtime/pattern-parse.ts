import { compileMatch, isOperatorName, type Match } from "./pattern-match.ts";

/** What one path of a pattern asks of an event. */
export interface Field {
	path: string[];
	/** Whether a leaf (null included) suits one of the listed matches. */
	matches(leaf: unknown): boolean;
	/** Whether the path may be absent. */
	absent: boolean;
}

/** A pattern without `$or`: fields by their path, joined by points. The last of two for one path wins. */
export type Rule = ReadonlyMap<string, Field>;

// EventBridge user guide, "Using multiple matching": a pattern of more than 1,000 combinations of $or is refused.
const MOST_COMBINATIONS = 1000;

/** Reads a pattern into the rules that its `$or`s multiply to. Throws on what AWS refuses. */
export function parsePattern(pattern: unknown): Rule[] {
	if (!isObject(pattern)) throw new Error("Filter is not an object");
	return parseObject(pattern, [], [new Map()]);
}

function parseObject(pattern: object, path: string[], rules: Rule[]): Rule[] {
	const members = Object.entries(pattern);
	if (members.length === 0) throw new Error(`Empty objects are not allowed${place(path)}`);
	let result = rules;
	for (const [name, member] of members) result = parseMember(name, member, path, result);
	return result;
}

function parseMember(name: string, member: unknown, path: string[], rules: Rule[]): Rule[] {
	if (Array.isArray(member)) {
		if (member.length === 0) throw new Error(`Empty arrays are not allowed${place([...path, name])}`);
		if (name === "$or" && isAlternatives(member)) return parseAlternatives(member, path, rules);
		const field = parseField(member, [...path, ...name.split(".")]);
		return rules.map((rule) => new Map(rule).set(field.path.join("."), field));
	}
	if (!isObject(member)) throw new Error(`"${name}" must be an object or an array${place(path)}`);
	return parseObject(member, [...path, ...name.split(".")], rules);
}

/** `$or` is an operator over two objects or more, none with a member called like an operator; else it is a field. */
function isAlternatives(members: unknown[]): members is object[] {
	return (
		members.length >= 2 && members.every((member) => isObject(member) && !Object.keys(member).some(isOperatorName))
	);
}

function parseAlternatives(members: object[], path: string[], rules: Rule[]): Rule[] {
	const result: Rule[] = [];
	for (const member of members) {
		result.push(...parseObject(member, path, rules));
		if (result.length > MOST_COMBINATIONS)
			throw new Error(`More than ${MOST_COMBINATIONS} combinations of $or${place(path)}`);
	}
	return result;
}

function parseField(members: unknown[], path: string[]): Field {
	const matches = members.map((member) => compileMatch(member, place(path)));
	const leaves = matches.filter((match) => match !== "absent") as Exclude<Match, "absent">[];
	return {
		path,
		matches: (leaf) => leaf !== undefined && leaves.some((match) => match(leaf)),
		absent: matches.includes("absent"),
	};
}

function place(path: string[]): string {
	return path.length === 0 ? "" : ` (at ${path.join(".")})`;
}

function isObject(value: unknown): value is object {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
