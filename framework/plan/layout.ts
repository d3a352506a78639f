/** Columns of a page: what a terminal and a review show without wrapping. */
const WIDTH = 100;

const GAP = "  ";

/** A heading with a rule below it. */
export function heading(text: string): string[] {
	return [text, "─".repeat(Math.min(WIDTH, [...text].length))];
}

/** Words in lines, the first after `first`, the others in line with it. A word that is too long stays whole. */
export function paragraph(text: string, first: string): string[] {
	const room = WIDTH - first.length;
	const lines: string[] = [];
	let line = "";
	for (const word of text.split(/\s+/).filter((each) => each !== "")) {
		if (line !== "" && line.length + 1 + word.length > room) {
			lines.push(line);
			line = word;
		} else line = line === "" ? word : `${line} ${word}`;
	}
	return [...lines, line].map((each, index) => `${index === 0 ? first : " ".repeat(first.length)}${each}`.trimEnd());
}

/** Terms and what they say, in two columns; the second wraps. */
export function list(rows: readonly (readonly [term: string, text: string])[], indent: string): string[] {
	const width = Math.max(0, ...rows.map(([term]) => term.length));
	return rows.flatMap(([term, text]) => paragraph(text, `${indent}${term.padEnd(width)}${GAP}`));
}

/** Aligned columns with a line of titles; numbers stand to the right. */
export function grid(titles: readonly string[], rows: readonly (readonly string[])[], indent: string): string[] {
	const widths = titles.map((title, column) =>
		Math.max(title.length, ...rows.map((row) => (row[column] ?? "").length)),
	);
	const isNumeric = titles.map((_, column) => rows.every((row) => /^\d/.test(row[column] ?? "")));
	return [titles, ...rows].map((row) => {
		const cells = row.map((cell, column) => {
			const width = widths[column] ?? 0;
			return isNumeric[column] ? cell.padStart(width) : cell.padEnd(width);
		});
		return `${indent}${cells.join(GAP)}`.trimEnd();
	});
}
