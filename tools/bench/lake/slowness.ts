/** Wastes time and memory with each record, so that the bars can be seen to fail. */
export function plantSlowness({ slowness, kept }: { slowness: number; kept: number }): (records: number) => void {
	const wasted: Buffer[] = [];
	const start = performance.now();
	const sleeper = new Int32Array(new SharedArrayBuffer(4));
	return (records) => {
		while (wasted.length < records) wasted.push(Buffer.alloc(kept, 1));
		const left = start + records * slowness * 1000 - performance.now();
		if (left > 0) Atomics.wait(sleeper, 0, 0, left);
	};
}
