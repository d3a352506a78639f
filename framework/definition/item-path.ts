import type { ItemPath } from "../contract/condition.ts";

/** A plain name holds none of the characters that mean something in a path. A quoted one is a JSON string. */
const STEP = /(?<name>[^."[\]\s]+)|(?<quoted>"(?:[^"\\]|\\.)*")|\[(?<index>0|[1-9]\d{0,8})\]/y;

/** `a.b[0]` or `a."b.c"` to its steps; null for anything else. */
export function parseItemPath(text: string): ItemPath | null {
	const path: ItemPath = [];
	let position = 0;
	while (position < text.length) {
		const isFirst = path.length === 0;
		const opensIndex = text[position] === "[";
		if (!isFirst && !opensIndex) {
			if (text[position] !== ".") return null;
			position += 1;
		}
		STEP.lastIndex = position;
		const groups = STEP.exec(text)?.groups;
		const step = groups && readStep(groups);
		// An item is a map: its first step is a name. A dot is followed by a name, never by an index.
		if (step === undefined || step === null || (typeof step === "number" && (isFirst || !opensIndex))) return null;
		path.push(step);
		position = STEP.lastIndex;
	}
	return path.length === 0 ? null : path;
}

function readStep({ name, quoted, index }: Record<string, string | undefined>): string | number | null {
	if (name !== undefined) return name;
	if (index !== undefined) return Number(index);
	try {
		const text: unknown = JSON.parse(quoted ?? "");
		return typeof text === "string" && text !== "" ? text : null;
	} catch {
		return null;
	}
}
