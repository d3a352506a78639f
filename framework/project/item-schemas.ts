import { readdirSync } from "node:fs";
import { join, relative } from "node:path";
import type { ItemSchemaFiles } from "../definition/index.ts";
import { ITEM_SCHEMA_ENDING } from "../definition/item-schema/library.ts";
import { MOST_SCHEMA_BYTES } from "../definition/item-schema/read-item-schema.ts";
import { describeUnreadable, readBytes } from "./read-bytes.ts";
import { isFolder } from "./root.ts";

/** A project's item schemas, and the names of those that were looked at. */
export function findItemSchemas(root: string, cwd: string): { files: ItemSchemaFiles; looked: ReadonlySet<string> } {
	const folder = join(root, "schemas", "items");
	const shown = (path: string): string => relative(cwd, path).replaceAll("\\", "/");
	const entries = isFolder(folder) ? readdirSync(folder).sort() : [];
	const looked = new Set<string>();
	const read: ItemSchemaFiles["read"] = (name) => {
		looked.add(name);
		const path = join(folder, `${name}${ITEM_SCHEMA_ENDING}`);
		// One more than may be: that is how a larger file shows.
		const bytes = readBytes(path, MOST_SCHEMA_BYTES + 1);
		return typeof bytes === "string" ? describeUnreadable(shown(path), bytes) : { file: shown(path), bytes };
	};
	const names = entries
		.filter((entry) => entry.endsWith(ITEM_SCHEMA_ENDING))
		.map((entry) => entry.slice(0, -ITEM_SCHEMA_ENDING.length));
	return { files: { folder: shown(folder), names, read }, looked };
}
