import leven from "leven";

/** What to write instead of an unknown word, as a sentence: the nearest known one, or all of them when none is near. */
export function suggest(given: string, known: readonly string[]): string {
	const nearest = findNearest(given, known);
	if (nearest !== null) return `Did you mean "${nearest}"?`;
	return known.length === 0 ? "There is none to choose from." : `Use one of: ${known.join(", ")}.`;
}

/** The nearest known word, if it is near enough to be a slip of the keyboard. */
export function findNearest(given: string, known: readonly string[]): string | null {
	let nearest: string | null = null;
	let least = Number.POSITIVE_INFINITY;
	for (const word of known) {
		const distance = leven(given.toLowerCase(), word.toLowerCase());
		// Short words differ by little anyhow: of three letters, two may differ; never more than three.
		const most = Math.min(3, Math.floor((2 / 3) * Math.min(given.length, word.length)));
		if (distance <= most && distance < least) [nearest, least] = [word, distance];
	}
	return nearest;
}
