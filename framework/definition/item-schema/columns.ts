import type { ColumnType, ItemColumn } from "../../contract/item-schema.ts";
import { elementOf, memberOf, namesOf, type Reading, readingsOf, typesOf } from "./readings.ts";
import type { Schema, SchemaObject } from "./schema.ts";

/**
 * Columns and members of columns, and characters of the paths to them. The text of a view grows with both, and may have 409,600
 * characters in Glue (Glue web API reference, "TableInput").
 */
export const MOST_COLUMNS = 150;
const MOST_PATH_CHARACTERS = 10_000;
const DEEPEST = 8;
/** Of a decimal's 38 digits; more are seldom meant and leave too few before the point. */
const LARGEST_SCALE = 18;

/** Of the 255 characters that a column's name may have in Glue. */
const LONGEST_NAME = 200;

/** Names that `latest` has besides, in lower case: an attribute's column of such a name gets an underscore behind it. */
const OWN_NAMES = ["pk", "sk", "keys", "item", "time", "sequence", "id"];

export interface Columns {
	columns: ItemColumn[];
	/** Whether the schema describes more of them than views have room for. */
	cut: boolean;
}

interface Place {
	root: SchemaObject;
	/** Schemas around this one: one that comes back in itself has no end. */
	around: readonly SchemaObject[];
	depth: number;
	/** What stands in a list has no JSON: engines have no plain form of a single element. */
	inList: boolean;
	/** Characters of the names that lead here. */
	pathLength: number;
	room: { columns: number; characters: number; cut: boolean };
}

/** The columns that the attributes of an item have by its schema. */
export function columnsOf(root: SchemaObject): Columns {
	const readings = readingsOf(root, root);
	const room = { columns: MOST_COLUMNS, characters: MOST_PATH_CHARACTERS, cut: false };
	const place: Place = { root, around: readings.flat(), depth: 0, inList: false, pathLength: 0, room };
	return { columns: fieldsOf(readings, place, OWN_NAMES), cut: room.cut };
}

/** The type of a value's column. */
function typeOf(schema: Schema, place: Place): ColumnType {
	const readings = readingsOf(schema, place.root).filter((reading) => [...typesOf(reading)].some(isValue));
	const [first, ...others] = new Set(readings.map((reading) => familyOf(reading)));
	if (first === undefined || first === null || others.length > 0 || isAround(readings, place)) return { is: "json" };
	const inner = { ...place, around: [...place.around, ...readings.flat()], depth: place.depth + 1 };
	if (first === "number") return numberOf(readings);
	if (first === "string") return textOf(readings);
	if (first === "boolean") return { is: "boolean" };
	if (first === "object") {
		const fields = fieldsOf(readings, inner, []);
		return fields.length === 0 ? { is: "json" } : { is: "object", fields };
	}
	const of = typeOf({ anyOf: readings.map((reading) => elementOf(reading)) }, { ...inner, inList: true });
	return of.is === "json" ? of : { is: "list", of };
}

const isValue = (type: string): boolean => type !== "null";

/** What all values of a reading are; null if they are not of one kind. */
function familyOf(reading: Reading): "string" | "number" | "boolean" | "array" | "object" | null {
	const families = new Set(
		[...typesOf(reading)].filter(isValue).map((type) => (type === "integer" || type === "fraction" ? "number" : type)),
	);
	const [family] = families;
	return families.size === 1 ? (family as Exclude<typeof family, "null" | undefined>) : null;
}

function isAround(readings: readonly Reading[], { around, depth }: Place): boolean {
	return depth === DEEPEST || readings.flat().some((part) => around.includes(part));
}

function fieldsOf(readings: readonly Reading[], place: Place, taken: readonly string[]): ItemColumn[] {
	const described = [...new Set(readings.flatMap(namesOf))].flatMap((attribute) => {
		const pathLength = place.pathLength + attribute.length;
		if (!takeRoom(place.room, pathLength)) return [];
		// Where one of several objects says what a member is, the others that do not name it are no say against it.
		const naming = readings.filter((reading) => namesOf(reading).includes(attribute));
		const schemas = naming.map((reading) => memberOf(reading, attribute)).filter((schema) => schema !== false);
		if (schemas.length === 0) return [];
		const type = typeOf({ anyOf: schemas }, { ...place, pathLength });
		return type.is === "json" && place.inList ? [] : [{ attribute, type }];
	});
	return nameColumns(described, taken);
}

function takeRoom(room: Place["room"], characters: number): boolean {
	room.columns -= 1;
	room.characters -= characters;
	room.cut ||= room.columns < 0 || room.characters < 0;
	return !room.cut;
}

/** Names that SQL takes everywhere. Those that are taken, or that differ in their case only, get underscores behind them. */
function nameColumns(columns: readonly Omit<ItemColumn, "name">[], taken: readonly string[]): ItemColumn[] {
	const used = new Set(taken);
	const plain = new Set(columns.map(({ attribute }) => attribute.toLowerCase()));
	return columns.map(({ attribute, type }) => {
		let name = attribute.slice(0, LONGEST_NAME).replace(/[^A-Za-z0-9_]/g, "_") || "_";
		// A name that is somebody's own is left to them.
		while (used.has(name.toLowerCase()) || (name !== attribute && plain.has(name.toLowerCase()))) name += "_";
		used.add(name.toLowerCase());
		return { name, attribute, type };
	});
}

/** Decimal if the schema says how many digits stand behind the point, by `integer` or by `multipleOf: 0.01`. */
function numberOf(readings: readonly Reading[]): ColumnType {
	const scales = readings.map((reading) => {
		if (!typesOf(reading).has("fraction")) return 0;
		return Math.min(...reading.map(({ multipleOf }) => scaleOf(multipleOf)));
	});
	const scale = Math.max(...scales);
	return scale > LARGEST_SCALE ? { is: "double" } : { is: "decimal", scale };
}

/** Digits behind the point of a step and so of all of its multiples. */
function scaleOf(step: unknown): number {
	if (typeof step !== "number") return Number.POSITIVE_INFINITY;
	const [digits = "", exponent = "0"] = String(step).split("e");
	return Math.max(0, (digits.split(".")[1]?.length ?? 0) - Number(exponent));
}

const FORMATS: Readonly<Record<string, ColumnType>> = { "date-time": { is: "timestamp" }, date: { is: "date" } };

function textOf(readings: readonly Reading[]): ColumnType {
	const types = readings.map((reading): ColumnType => {
		if (reading.some(({ contentEncoding }) => contentEncoding === "base64")) return { is: "bytes" };
		const format = reading.map(({ format }) => FORMATS[String(format)]).find((type) => type !== undefined);
		return format ?? { is: "text" };
	});
	const [first, ...others] = new Set(types.map(({ is }) => is));
	if (first !== undefined && others.length === 0) return types[0] as ColumnType;
	return types.some(({ is }) => is === "bytes") ? { is: "json" } : { is: "text" };
}
