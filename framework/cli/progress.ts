import type { Io } from "./command.ts";

export interface Progress {
	advance(done: number): void;
	/** Says something beside the bar: a whole line. */
	say(text: string): void;
	end(): void;
}

const WIDTH = 30;
/** Milliseconds between two drawings on a terminal. */
const REDRAW = 100;

export interface ProgressOptions {
	/** `events written`, after the numbers. */
	label: string;
	total: number;
	/** Done before, by another run: the pace is this run's own. */
	before?: number;
	/** Epoch milliseconds. */
	now?: () => number;
}

/** A bar with rate and time left that redraws itself on a terminal; elsewhere one line at each quarter. */
export function createProgress(io: Io, { label, total, before = 0, now = Date.now }: ProgressOptions): Progress {
	const started = now();
	let drawnAt = 0;
	let quarter = -1;
	const draw = (done: number): void => {
		const step = Math.floor((done / Math.max(1, total)) * WIDTH);
		const bar = `${"█".repeat(step)}${" ".repeat(WIDTH - step)}`;
		io.stderr(
			`\r[${bar}] ${done} of ${total} ${label}${describePace(done - before, total - before, now() - started)}\x1b[K`,
		);
	};
	return {
		advance(done) {
			if (io.terminal) {
				if (now() - drawnAt < REDRAW && done < total) return;
				drawnAt = now();
				draw(done);
				return;
			}
			const reached = Math.floor((done / Math.max(1, total)) * 4);
			if (reached === quarter) return;
			quarter = reached;
			io.stderr(`${done} of ${total} ${label}\n`);
		},
		say: (text) => io.stderr(io.terminal ? `\r\x1b[K${text}` : text),
		end() {
			if (io.terminal) io.stderr("\n");
		},
	};
}

function describePace(done: number, total: number, milliseconds: number): string {
	if (milliseconds < 1000 || done === 0) return "";
	const rate = done / (milliseconds / 1000);
	return `, ${rate < 10 ? rate.toFixed(1) : Math.round(rate)}/s, ${Math.ceil((total - done) / rate)} s left`;
}
