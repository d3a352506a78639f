/** The order of S3's lists: that of the keys' UTF-8 bytes, which JavaScript's own order leaves where surrogate pairs begin. */
export function compareKeys(a: string, b: string): number {
	const length = Math.min(a.length, b.length);
	for (let index = 0; index < length; index++) {
		const [left, right] = [a.charCodeAt(index), b.charCodeAt(index)];
		if (left !== right) return rank(left) - rank(right);
	}
	return a.length - b.length;
}

/** Surrogates stand for code points above all others. */
const rank = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);
