import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { TextFile } from "./place.ts";

/** `Pulumi.<environment>.yaml` of a project; empty if there is none. */
export function readStackFile(root: string, environment: string): TextFile {
	const names = [`Pulumi.${environment}.yaml`, `Pulumi.${environment}.yml`];
	const file = names.find((name) => existsSync(join(root, name))) ?? `Pulumi.${environment}.yaml`;
	const path = join(root, file);
	return { file, text: existsSync(path) ? readFileSync(path, "utf8") : "" };
}
