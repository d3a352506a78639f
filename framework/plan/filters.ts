import { type Condition, type ImageTest, ITEM_EVENTS } from "../contract/condition.ts";
import { describeEvents, describePath, describeTest } from "../contract/describe-condition.ts";
import { type Clause, compileClause } from "./filter-clause.ts";
import { buildPattern } from "./filter-pattern.ts";

// Lambda developer guide, "Control which events Lambda sends to your function": five filters of 4,096 characters.
const MOST_FILTERS = 5;
const MOST_CHARACTERS = 4096;

/** A record that the fan-out moved to the operations bucket: its content cannot be tested before it is fetched. */
const CLAIM_CHECK = { data: { claimCheck: { key: [{ exists: true }] } } };

export interface Filters {
	/** Patterns, ORed; empty = everything passes. */
	filters: object[];
	/** What the filters leave to the function, for people. */
	notes: string[];
}

/**
 * Compiles a condition to an event source mapping's filters. They let at least every record through that the condition
 * selects: the function tests again, so a filter saves invocations and decides nothing.
 */
export function compileFilters(condition: Condition | null, source: "dynamodb" | "kinesis"): Filters {
	if (condition === null) return { filters: [], notes: [] };
	const notes: string[] = [];
	const wrap = (pattern: object) => (source === "kinesis" ? { data: pattern } : pattern);
	const room = source === "kinesis" ? MOST_FILTERS - 1 : MOST_FILTERS;
	const patterns = fitLimits(compileAlternatives(condition, notes), condition, wrap, room, notes);
	if (patterns.length === 0) return { filters: [], notes };
	return { filters: source === "kinesis" ? [...patterns, CLAIM_CHECK] : patterns, notes };
}

/** What one filter asks: all of its clauses, of one of its events. */
interface Alternative {
	events: string[];
	clauses: Clause[];
}

/** One alternative per member of `any`, each with the condition's own part in it. */
function compileAlternatives(condition: Condition, notes: string[]): Alternative[] {
	const own = compileOwn(condition, { events: STREAM_EVENTS, clauses: [] }, notes);
	const members = condition.any
		.map((member) => compileOwn(member, own, notes))
		// Stream events that exclude each other: the member selects nothing, so it needs no filter.
		.filter((member) => member.events.length > 0);
	return members.length === 0 ? [own] : members;
}

function compileOwn({ events, tests, changed }: Condition, base: Alternative, notes: string[]): Alternative {
	if (events.includes("EXPIRE") !== events.includes("REMOVE"))
		notes.push(`${describeEvents(events)}: the filter takes every REMOVE; the function tells TTL's from others.`);
	const clauses = [...base.clauses];
	for (const test of tests) addClause(clauses, test, notes);
	for (const path of changed) notes.push(`${describePath(path)} changed: left to the function.`);
	const names = new Set<string>(events.map((event) => (event === "EXPIRE" ? "REMOVE" : event)));
	return { events: base.events.filter((event) => names.has(event)), clauses };
}

const STREAM_EVENTS: string[] = ITEM_EVENTS.filter((event) => event !== "EXPIRE");

/** A pattern can hold one test per field; a list of one field is an OR. */
function addClause(clauses: Clause[], test: ImageTest, notes: string[]): void {
	const compiled = compileClause(test);
	if ("left" in compiled) {
		notes.push(`${describeTest(test)}: left to the function; ${compiled.left}.`);
		return;
	}
	if (compiled.partly) notes.push(`${describeTest(test)}: ${compiled.partly}.`);
	const second = clauses.some(({ fields }) => fields.some((field) => compiled.fields.includes(field)));
	if (second) notes.push(`${describeTest(test)}: left to the function; a filter tests a field once.`);
	else clauses.push(compiled);
}

/** Patterns within the limits: without `any` if its alternatives do not fit, then with ever fewer clauses. */
function fitLimits(
	alternatives: Alternative[],
	condition: Condition,
	wrap: (pattern: object) => object,
	room: number,
	notes: string[],
): object[] {
	const patterns = alternatives.map(patternOf);
	const fits = (pattern: object) => JSON.stringify(wrap(pattern)).length <= MOST_CHARACTERS;
	const selective = patterns.every((pattern) => Object.keys(pattern).length > 0);
	if (selective && patterns.length <= room && patterns.every(fits)) return patterns.map(wrap);
	if (selective && patterns.length > room && fits({ $or: patterns })) return [wrap({ $or: patterns })];
	const own = compileOwn(condition, { events: STREAM_EVENTS, clauses: [] }, []);
	if (condition.any.length > 0)
		notes.push(
			selective
				? `any: left to the function; its alternatives exceed ${room} filters of ${MOST_CHARACTERS} characters.`
				: "any: left to the function; one of its alternatives has no filter.",
		);
	while (own.clauses.length > 0 && !fits(patternOf(own))) {
		const dropped = own.clauses.pop() as Clause;
		notes.push(
			`${describeTest(dropped.test)}: left to the function; the filter exceeds ${MOST_CHARACTERS} characters.`,
		);
	}
	const pattern = patternOf(own);
	return Object.keys(pattern).length === 0 ? [] : [wrap(pattern)];
}

function patternOf({ events, clauses }: Alternative): object {
	const chosen = events.length < STREAM_EVENTS.length ? { eventName: events } : {};
	return clauses.length === 0 ? chosen : { ...chosen, dynamodb: buildPattern(clauses) };
}
