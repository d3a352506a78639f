import { createHash } from "node:crypto";

/** What happened, a line each; the same lines for the same seed. */
export interface Trace {
	add(now: number, text: string): void;
	lines(): readonly string[];
	/** Lower-case hex SHA-256 of the lines. */
	hash(): string;
}

export function createTrace(start: number): Trace {
	const lines: string[] = [];
	return {
		add: (now, text) => void lines.push(`${((now - start) / 1000).toFixed(3).padStart(10)} ${text}`),
		lines: () => lines,
		hash: () => createHash("sha256").update(lines.join("\n")).digest("hex"),
	};
}
