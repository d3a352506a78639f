import { once } from "node:events";
import { createWriteStream, mkdtempSync, rmSync, type WriteStream } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ItemColumn } from "../../contract/item-schema.ts";
import type { LakePlace } from "../place.ts";
import type { TimeRange } from "../range.ts";
import { readRuns } from "../read-records.ts";
import type { ChangeOf } from "../select.ts";
import { writeRow } from "./row.ts";

/** A file of rows is ended at about this size: the query engine reads files side by side. */
const FILE_BYTES = 64 * 1024 * 1024;

/** Rows of a range as files in a folder of their own, for as long as a query needs them. */
export interface Stage {
	folder: string;
	/** A pattern of the files. */
	files: string;
	columns: readonly ItemColumn[];
	rows: number;
	/** Records that are no stream records, and so no rows. */
	malformed: number;
	remove(): void;
}

/** The range needs more room than was allowed. */
export class StageFull extends Error {
	override readonly name = "StageFull";
}

export interface StageOptions {
	place: LakePlace;
	range: TimeRange;
	changeOf: ChangeOf;
	/** Names of the partition and the sort key. */
	keyNames: readonly [string, string | null];
	/** Of the item schema; none without one. */
	columns?: readonly ItemColumn[];
	mostBytes: number;
	onProgress?: (records: number) => void;
	signal?: AbortSignal;
}

/** Fetches a range through S3 and writes its rows. Throws StageFull beyond `mostBytes`; then, and on any error, nothing is left behind. */
export async function stageRows(options: StageOptions): Promise<Stage> {
	const folder = mkdtempSync(join(tmpdir(), "tributary-query-"));
	const remove = (): void => rmSync(folder, { recursive: true, force: true });
	try {
		const { rows, malformed } = await writeFiles(folder, options);
		return { folder, files: join(folder, "*.ndjson"), columns: options.columns ?? [], rows, malformed, remove };
	} catch (error) {
		remove();
		throw error;
	}
}

async function writeFiles(folder: string, options: StageOptions): Promise<{ rows: number; malformed: number }> {
	const { place, range, changeOf, keyNames, mostBytes, onProgress, signal } = options;
	let rows = 0;
	let malformed = 0;
	let total = 0;
	let written = 0;
	let number = 0;
	const next = (): WriteStream => createWriteStream(join(folder, `${String(number++).padStart(6, "0")}.ndjson`));
	let file = next();
	for await (const run of readRuns(place, range)) {
		const lines = run.flatMap((record) => writeRow(record, changeOf, keyNames) ?? []);
		rows += lines.length;
		malformed += run.length - lines.length;
		const text = lines.map((line) => `${line}\n`).join("");
		const bytes = Buffer.byteLength(text);
		total += bytes;
		written += bytes;
		if (total > mostBytes) {
			await end(file);
			throw new StageFull(`The range needs more than ${mostBytes} bytes of temporary room.`);
		}
		if (!file.write(text)) await once(file, "drain");
		if (written >= FILE_BYTES) {
			await end(file);
			file = next();
			written = 0;
		}
		onProgress?.(rows + malformed);
		if (signal?.aborted) break;
	}
	await end(file);
	return { rows, malformed };
}

function end(file: WriteStream): Promise<void> {
	return new Promise((resolve, reject) => {
		file.on("error", reject);
		file.end(resolve);
	});
}
