/** Columns of a page: what a terminal and a review show without wrapping. */
const WIDTH = 100;

/** A last column narrower than this goes on lines of its own, below its row. */
const NARROWEST = 30;

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

/** Aligned columns; the last one wraps. */
export function table(rows: readonly (readonly string[])[], indent: string): string[] {
	const columns = Math.max(0, ...rows.map((row) => row.length - 1));
	const widths = Array.from({ length: columns }, (_, column) =>
		Math.max(...rows.map((row) => row[column]?.length ?? 0)),
	);
	const left = indent.length + widths.reduce((sum, width) => sum + width + GAP.length, 0);
	const below = WIDTH - left < NARROWEST;
	return rows.flatMap((row) => {
		const cells = row.slice(0, -1).map((cell, column) => cell.padEnd(widths[column] ?? 0));
		const first = `${indent}${cells.join(GAP)}${GAP}`;
		const last = row.at(-1) ?? "";
		if (!below) return paragraph(last, first);
		const under = `${indent}${" ".repeat(widths[0] ?? 0)}${GAP}`;
		return [first.trimEnd(), ...paragraph(last, under)];
	});
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
