import { mkdtempSync, rmSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
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
	const sums = { rows: 0, malformed: 0 };
	const { append, close } = openFiles(folder);
	let total = 0;
	try {
		for await (const run of readRuns(place, range)) {
			const lines = run.flatMap((record) => writeRow(record, changeOf, keyNames) ?? []);
			sums.rows += lines.length;
			sums.malformed += run.length - lines.length;
			const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""));
			total += bytes.length;
			if (total > mostBytes) throw new StageFull(`The range needs more than ${mostBytes} bytes of temporary room.`);
			await append(bytes);
			onProgress?.(sums.rows + sums.malformed);
			if (signal?.aborted) break;
		}
	} finally {
		await close();
	}
	return sums;
}

/** Files that are written one after another. Each write is waited for: what the disk refuses is an error of that write. */
function openFiles(folder: string) {
	let file: FileHandle | null = null;
	let number = 0;
	let written = 0;
	const next = (): Promise<FileHandle> => open(join(folder, `${String(number++).padStart(6, "0")}.ndjson`), "w");
	const close = async (): Promise<void> => {
		await file?.close();
		file = null;
		written = 0;
	};
	return {
		async append(bytes: Buffer): Promise<void> {
			file ??= await next();
			await file.appendFile(bytes);
			written += bytes.length;
			if (written >= FILE_BYTES) await close();
		},
		async close(): Promise<void> {
			// The engine's pattern has to meet a file, be it empty.
			if (number === 0) file = await next();
			await close();
		},
	};
}
