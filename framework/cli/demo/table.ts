/** Lays rows out in columns; the first is left-aligned, the others right-aligned. */
export function renderTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
	const all = [head, ...rows];
	const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
	const line = (row: readonly string[]) =>
		row
			.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
			.join("  ")
			.trimEnd();
	return [line(head), widths.map((width) => "─".repeat(width)).join("  "), ...rows.map(line)].join("\n");
}

/** The value below which a share of the sorted values lies (nearest rank). Undefined for no values. */
export function percentile(sorted: readonly number[], share: number): number | undefined {
	return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
}
