import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export interface HeapFigure {
	name: string;
	/** Highest heap of an invocation, its event included, to the heap of the parsed event. */
	ratio: number;
}

/**
 * The heap of one invocation in a process of its own. Two things are not the invocation's: what the young generation may hold before it is looked
 * through, so that is kept small, and what the first invocation compiles, so one goes before.
 */
export async function measureHeap(times: number): Promise<HeapFigure[]> {
	const child = fileURLToPath(new URL("heap-child.ts", import.meta.url));
	const figures: HeapFigure[] = [];
	for (const name of ["lake", "HTTP"]) {
		const flags = ["--expose-gc", "--max-semi-space-size=1", "--no-warnings"];
		const { stdout } = await promisify(execFile)(process.execPath, [...flags, child, name, String(times)]);
		figures.push({ name, ratio: Number(stdout) });
	}
	return figures;
}
