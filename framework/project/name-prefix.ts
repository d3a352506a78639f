import { isObject } from "../definition/merge.ts";
import { readSource } from "../definition/read.ts";
import { UsageError } from "../diagnostics/usage-error.ts";
import { NAME_PREFIX } from "../plan/names.ts";
import { readStackFile } from "./stack-file.ts";

const KEY = "tributary:namePrefix";

/**
 * What physical names of an environment begin with, as its deployment reads it from `Pulumi.<environment>.yaml`: whoever looks at a plan
 * sees the names that are deployed. Undefined = not set. Throws UsageError for one that cannot begin names.
 */
export function readNamePrefix(root: string, environment: string): string | undefined {
	const { file, text } = readStackFile(root, environment);
	const { source } = readSource({ file, bytes: Buffer.from(text) });
	const config = source?.value.config;
	const prefix = isObject(config) ? config[KEY] : undefined;
	if (prefix === undefined || (typeof prefix === "string" && NAME_PREFIX.test(prefix))) return prefix;
	throw new UsageError(
		`${file}: ${KEY} cannot begin names. Take one word of at most 20 lower-case letters and digits that begins with a letter.`,
	);
}
