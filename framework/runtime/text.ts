/** Compares texts by their UTF-8 bytes, as DynamoDB orders them. UTF-16 order differs above the surrogates. */
export function compareUtf8(left: string, right: string): number {
	const length = Math.min(left.length, right.length);
	for (let index = 0; index < length; index++) {
		const [a, b] = [left.charCodeAt(index), right.charCodeAt(index)];
		if (a !== b) return rank(a) - rank(b);
	}
	return left.length - right.length;
}

/** Surrogates stand for code points above U+FFFF, so they rank above U+E000 to U+FFFF. */
function rank(unit: number): number {
	return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

/** Folds case without a locale; upper case first, so that "straße" and "STRASSE" are one. */
export function foldCase(text: string): string {
	return text.toUpperCase().toLowerCase();
}
