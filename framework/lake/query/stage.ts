import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { ItemColumn } from "../../contract/item-schema.ts";
import { LakeError } from "../lake-error.ts";
import type { LakePlace } from "../place.ts";
import type { TimeRange } from "../range.ts";
import { plainRead, type Read } from "../read.ts";
import type { ChangeOf } from "../select.ts";
import { type FilesMark, openFiles, StageGone } from "./files.ts";
import { writeRow } from "./row.ts";

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

/** What a fetching that was stopped had come to. */
export interface StageState extends FilesMark {
	rows: number;
	malformed: number;
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
	signal?: AbortSignal;
	/** How the lake is read; without it, from its beginning. */
	read?: Read<StageState>;
	/** What was fetched before, and lies in a folder. */
	left?: { state: StageState; folder: string } | null;
	/** Whether somebody can go on with what is there when the lake cannot be read on. */
	isKept?(): boolean;
}

const FOLDER = "tributary-query-";

/** Whether a folder is one of those that hold rows. */
export const isStageFolder = (path: string): boolean => basename(path).startsWith(FOLDER);

/**
 * Fetches a range through S3 and writes its rows. Throws StageFull beyond `mostBytes`, StageGone if what was left is not there; then, and on any error unless
 * what is there is kept, nothing is left behind.
 */
export async function stageRows(options: StageOptions): Promise<Stage> {
	const { left = null, columns = [] } = options;
	if (left && !isStageFolder(left.folder)) throw new StageGone("What was fetched before is nowhere.");
	const folder = left?.folder ?? mkdtempSync(join(tmpdir(), FOLDER));
	const remove = (): void => rmSync(folder, { recursive: true, force: true });
	try {
		const { rows, malformed } = await writeFiles(folder, options);
		return { folder, files: join(folder, "*.ndjson"), columns, rows, malformed, remove };
	} catch (error) {
		if (!(error instanceof LakeError && options.isKept?.())) remove();
		throw error;
	}
}

async function writeFiles(folder: string, options: StageOptions): Promise<{ rows: number; malformed: number }> {
	const { place, range, changeOf, keyNames, mostBytes, signal, left = null } = options;
	const read = options.read ?? plainRead(place, range, signal);
	const sums = { rows: left?.state.rows ?? 0, malformed: left?.state.malformed ?? 0 };
	const files = await openFiles(folder, left?.state ?? null);
	try {
		for await (const run of read({}, () => ({ state: { ...sums, ...files.mark() }, folder }))) {
			const lines = run.flatMap((record) => writeRow(record, changeOf, keyNames) ?? []);
			sums.rows += lines.length;
			sums.malformed += run.length - lines.length;
			const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""));
			if (files.mark().bytes + bytes.length > mostBytes)
				throw new StageFull(`The range needs more than ${mostBytes} bytes of temporary room.`);
			await files.append(bytes);
		}
	} finally {
		await files.close();
	}
	return sums;
}
