import type { Io } from "../command.ts";

export interface Progress {
	advance(done: number): void;
	end(): void;
}

const WIDTH = 30;

/** A bar that redraws itself on a terminal; elsewhere one line at each quarter. */
export function createProgress(io: Io, label: string, total: number): Progress {
	let shown = -1;
	const line = (done: number) => `${done} of ${total} events ${label}`;
	return {
		advance(done) {
			const step = Math.floor((done / total) * (io.terminal ? WIDTH : 4));
			if (step === shown) return;
			shown = step;
			io.stderr(io.terminal ? `\r[${"█".repeat(step)}${" ".repeat(WIDTH - step)}] ${line(done)}` : `${line(done)}\n`);
		},
		end() {
			if (io.terminal) io.stderr("\n");
		},
	};
}
