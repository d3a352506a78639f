import type { DeliveryReport } from "../../local/engine.ts";

/** Milliseconds for which the batches of one function are gathered into a line: a flood stays readable. */
const GATHERING = 250;

interface Gathered {
	batches: number;
	records: number;
	acknowledged: number;
	error: string | null;
	milliseconds: number;
}

export interface DeliveryLog {
	add(report: DeliveryReport): void;
	/** Writes what is still gathered. */
	end(): void;
}

/** A line for each batch; for several, when a function's batches follow one another faster than can be read. */
export function createDeliveryLog(write: (text: string) => void): DeliveryLog {
	const gathered = new Map<string, Gathered>();
	let timer: NodeJS.Timeout | null = null;
	const flush = (): void => {
		timer = null;
		for (const [name, batches] of gathered) write(formatLine(name, batches));
		gathered.clear();
	};
	return {
		add({ pipeline, functionId, records, acknowledged, error, milliseconds }) {
			const name = `${pipeline}/${functionId}`;
			const sum = gathered.get(name) ?? { batches: 0, records: 0, acknowledged: 0, error: null, milliseconds: 0 };
			gathered.set(name, {
				batches: sum.batches + 1,
				records: sum.records + records,
				acknowledged: sum.acknowledged + acknowledged,
				error: error ?? sum.error,
				milliseconds: sum.milliseconds + milliseconds,
			});
			timer ??= setTimeout(flush, GATHERING);
		},
		end() {
			if (timer) clearTimeout(timer);
			flush();
		},
	};
}

function formatLine(name: string, { batches, records, acknowledged, error, milliseconds }: Gathered): string {
	const count = `${records} record${records === 1 ? "" : "s"}`;
	const parts = batches === 1 ? "" : ` in ${batches} batches`;
	const held = acknowledged === records ? "" : `, ${records - acknowledged} to come again`;
	return `${name.padEnd(36)} ${count}${parts}${held}, ${Math.round(milliseconds)} ms${error ? `: ${error}` : ""}\n`;
}
