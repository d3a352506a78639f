import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { EngineError } from "../engine-error.ts";
import type { Position } from "../source.ts";

export type Checkpoint = Position | { type: "CLOSED" };

interface State {
	streamArn: string;
	/** Epoch milliseconds of the mapping's first start: what `first-deployment` means from then on. */
	startedAt: number;
	shards: Record<string, Checkpoint>;
}

export interface Checkpoints {
	readonly startedAt: number;
	get(shardId: string): Checkpoint | undefined;
	set(shardId: string, checkpoint: Checkpoint): void;
	/** Forgets shards that the stream no longer lists. */
	keepOnly(shardIds: readonly string[]): void;
	/** Resolves when what was set is on disk; rejects if it cannot be written. */
	flush(): Promise<void>;
}

/**
 * Positions of a mapping in one file. Written after the answer, so that a crash repeats records and never skips one.
 * A file of another stream (a table made anew has another label) counts as none: the mapping is a new one.
 */
export function openCheckpoints(file: string, streamArn: string, now: number): Checkpoints {
	const state = load(file, streamArn) ?? { streamArn, startedAt: now, shards: {} };
	mkdirSync(dirname(file), { recursive: true });
	writeFileSync(`${file}.new`, JSON.stringify(state));
	renameSync(`${file}.new`, file);

	let dirty = false;
	let writing: Promise<void> | null = null;
	const write = async (): Promise<void> => {
		try {
			while (dirty) {
				dirty = false;
				await writeFile(`${file}.new`, JSON.stringify(state));
				await rename(`${file}.new`, file);
			}
		} catch (error) {
			dirty = true;
			throw error;
		} finally {
			writing = null;
		}
	};
	return {
		startedAt: state.startedAt,
		get: (shardId) => state.shards[shardId],
		set(shardId, checkpoint) {
			state.shards[shardId] = checkpoint;
			dirty = true;
			// A position that cannot be written is not lost: the next one, or the drain, tries again.
			writing ??= write().catch(() => {});
		},
		keepOnly(shardIds) {
			const known = new Set(shardIds);
			for (const shardId of Object.keys(state.shards)) if (!known.has(shardId)) delete state.shards[shardId];
		},
		async flush() {
			await writing;
			await write();
		},
	};
}

function load(file: string, streamArn: string): State | null {
	let text: string;
	try {
		text = readFileSync(file, "utf8");
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
		throw error;
	}
	const state = parse(file, text);
	return state.streamArn === streamArn ? state : null;
}

function parse(file: string, text: string): State {
	try {
		return JSON.parse(text);
	} catch {
		throw new EngineError(
			`${file} is damaged: it holds where a function stood in its stream. Delete it, and the function begins anew, ` +
				"with what it had already repeated; or run with --fresh to start empty.",
		);
	}
}
