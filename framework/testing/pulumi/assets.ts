import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { AssetValue } from "./graph.ts";

const sha256 = (content: string | Uint8Array): string => createHash("sha256").update(content).digest("hex");

/** An asset as the SDK writes it: one of these. `uri` would need the network, so it is refused. */
interface WireAsset {
	path?: string;
	text?: string;
	uri?: string;
	assets?: Record<string, unknown>;
}

/** Reads and hashes an asset, so that two runs can be compared by content. `entry` reads what an archive lists. */
export function readAsset(
	kind: AssetValue["kind"],
	wire: WireAsset,
	workingDirectory: string,
	entry: (value: unknown) => AssetValue,
): AssetValue {
	if (wire.uri !== undefined) throw new Error(`The asset ${wire.uri} is remote: nothing is fetched in a test.`);
	if (wire.assets !== undefined) {
		const entries = Object.fromEntries(Object.entries(wire.assets).map(([name, value]) => [name, entry(value)]));
		return { kind, path: null, file: null, hash: hashOfEntries(entries), entries };
	}
	if (wire.text !== undefined) return { kind, path: null, file: null, hash: sha256(wire.text), text: wire.text };
	if (wire.path === undefined) throw new Error(`An asset has no content: ${Object.keys(wire).join(", ")}`);
	const file = resolve(workingDirectory, wire.path);
	return { kind, path: wire.path, file, hash: hashOfPath(file) };
}

/** A file's hash; a folder's is that of its entries, as it becomes an archive. */
function hashOfPath(path: string): string {
	if (!statSync(path).isDirectory()) return sha256(readFileSync(path));
	const entries = readdirSync(path, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => join(entry.parentPath, entry.name))
		.map((file): [string, { hash: string }] => [file.slice(path.length + 1), { hash: sha256(readFileSync(file)) }]);
	return hashOfEntries(Object.fromEntries(entries));
}

function hashOfEntries(entries: Record<string, { hash: string }>): string {
	const lines = Object.entries(entries).map(([name, { hash }]) => `${name}\0${hash}\n`);
	return sha256(lines.sort().join(""));
}
