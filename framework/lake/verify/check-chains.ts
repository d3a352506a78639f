import { hash } from "node:crypto";
import { canonicalJson, hashKeys } from "../../runtime/key-hash.ts";
import { isKeys } from "../../runtime/sources/shape.ts";
import { isObject } from "../../runtime/sources/source.ts";
import type { LakeRecord } from "../record.ts";
import type { Finding } from "./finding.ts";

/** Items whose last image is remembered, about 200 bytes each: memory has a bound, whatever the table's size. */
const MOST_ITEMS = 1_000_000;

export interface Chains {
	/** Records of each item in their order. */
	check(record: LakeRecord): Finding | null;
	/** Begins anew with every item: a record may be missing that nobody lost. */
	breakAll(): void;
	/** What is remembered, to go on with: a line an item. */
	lines(): Iterable<string>;
	/** Changes whose old image was compared with the change before. */
	compared: number;
	/** Changes of items that had to be forgotten in between: nothing is said of them. */
	forgotten: number;
}

/** What an earlier reading came to. */
export interface ChainsBefore extends Pick<Chains, "compared" | "forgotten"> {
	lines: Iterable<string>;
}

const NO_CHAINS: ChainsBefore = { lines: [], compared: 0, forgotten: 0 };

/**
 * Follows each item from change to change: an old image is the new image of the change before it, or a record is missing between
 * them. Records without both images are passed over.
 */
export function createChains(mostItems = MOST_ITEMS, before: ChainsBefore = NO_CHAINS): Chains {
	/** Hash of each item's last image, "" when it was deleted; the longest untouched first. */
	const last = new Map<string, string>();
	for (const line of before.lines) {
		const [item = "", image = ""] = line.split(" ");
		last.set(item, image);
	}
	const { compared, forgotten } = before;
	const chains: Chains = { check, breakAll: () => last.clear(), lines, compared, forgotten };
	return chains;

	function* lines(): Generator<string> {
		for (const [item, image] of last) yield `${item} ${image}`;
	}

	function check({ json, eventID, key, lineNumber }: LakeRecord): Finding | null {
		const change = isObject(json) && isObject(json.dynamodb) ? json.dynamodb : null;
		if (change?.StreamViewType !== "NEW_AND_OLD_IMAGES" || !isKeys(change.Keys)) return null;
		const item = hashKeys(change.Keys);
		const before = last.get(item);
		last.delete(item);
		last.set(item, change.NewImage === undefined ? "" : hashImage(change.NewImage));
		forget();
		if (before === undefined) return null;
		chains.compared += 1;
		const old = change.OldImage === undefined ? "" : hashImage(change.OldImage);
		if (old === before) return null;
		const detail = `The old image of ${eventID} is not what the change before it left: a record of the item ${item} is missing between them.`;
		return { code: "chain", key, line: lineNumber, detail };
	}

	function forget(): void {
		if (last.size <= mostItems) return;
		const [oldest] = last.keys();
		if (oldest !== undefined) last.delete(oldest);
		chains.forgotten += 1;
	}
}

/** Images are compared by meaning: the order of their attributes says nothing. */
function hashImage(image: unknown): string {
	return hash("md5", canonicalJson(image), "base64");
}
