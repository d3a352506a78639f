/** What is kept of each record: more than anything of ours needs for all of them. */
const KEPT_BYTES = 4096;

/** Wastes time and memory with each record, so that the bars can be seen to fail. */
export function plantSlowness(secondsPerRecord: number): (records: number) => void {
	const kept: Buffer[] = [];
	const start = performance.now();
	const sleeper = new Int32Array(new SharedArrayBuffer(4));
	return (records) => {
		while (kept.length < records) kept.push(Buffer.alloc(KEPT_BYTES, 1));
		const left = start + records * secondsPerRecord * 1000 - performance.now();
		if (left > 0) Atomics.wait(sleeper, 0, 0, left);
	};
}
