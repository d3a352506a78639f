import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { RunError, runtime } from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { prepare } from "../../framework/deploy/prepare.ts";
import { withoutStack } from "../../framework/deploy/refusal.ts";

const root = fileURLToPath(new URL("../golden/refused", import.meta.url));

/** What a case imagines; everything else is as usual. */
interface Case {
	stack?: string;
	/** null: credentials that AWS does not take. */
	account?: string | null;
	/** What is found of a table, or what AWS answers instead. */
	tables?: Record<string, Record<string, unknown> | string>;
	/** The same of a Kinesis stream. */
	streams?: Record<string, Record<string, unknown> | string>;
}

const readCase = (folder: string): Case => {
	const path = join(folder, "case.json");
	return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : {};
};

/** As the CLI hands it over: lists and maps as JSON. */
function readConfig(folder: string, stack: string): Record<string, string> {
	const path = join(folder, `Pulumi.${stack}.yaml`);
	const config: Record<string, unknown> = existsSync(path) ? parse(readFileSync(path, "utf8")).config : {};
	const text = (value: unknown) => {
		if (typeof value === "string") return value;
		// The engine hands secrets over in the clear.
		return (value as { secure?: string }).secure === undefined ? JSON.stringify(value) : "plain";
	};
	return Object.fromEntries(Object.entries(config).map(([key, value]) => [key, text(value)]));
}

/** As the engine passes on a provider's error. */
const failure = (details: string): Error => Object.assign(new Error(details), { details });

function answer(
	{ account, tables = {}, streams = {} }: Case,
	token: string,
	inputs: { name: string },
): Record<string, unknown> {
	if (token.startsWith("aws:index/getCallerIdentity")) {
		if (account === null)
			throw failure(
				"invoking aws:index/getCallerIdentity:getCallerIdentity: 1 error occurred:\n\t* No valid credential sources found\n\n",
			);
		return { accountId: "123456789012", arn: "arn:aws:sts::123456789012:assumed-role/deploy/session" };
	}
	if (token.startsWith("aws:kms/getKey")) throw failure("NotFoundException: Alias is not found.");
	const [found, what] = token.startsWith("aws:kinesis/getStream")
		? [streams[inputs.name], "Kinesis Stream"]
		: [tables[inputs.name], "Amazon DynamoDB Table"];
	if (found === undefined) throw failure(`reading ${what} (${inputs.name}): couldn't find resource`);
	if (typeof found === "string") throw failure(found);
	return found;
}

// Each folder is a project; refusal.txt is what its user sees. `vitest -u` rewrites it: read the difference.
test.each(readdirSync(root).sort())("%s", async (name) => {
	const folder = join(root, name);
	const given = readCase(folder);
	const { stack = "dev" } = given;
	let made = 0;
	await runtime.setMocks(
		{
			call: ({ token, inputs }) => answer(given, token, inputs),
			newResource: ({ inputs }) => {
				made += 1;
				return { id: "1", state: inputs };
			},
		},
		"tributary",
		stack,
	);
	const startedAt = "2026-01-01T00:00:00Z";
	const configuration = readConfig(folder, stack);
	const refused = withoutStack(() => prepare({ root: folder, name: stack, configuration, startedAt }));
	const error = await refused.then(
		() => null,
		(reason) => reason,
	);
	expect(RunError.isInstance(error), String(error?.stack)).toBe(true);
	await expect(`${error.message.replaceAll(folder, "<project>").trimEnd()}\n`).toMatchFileSnapshot(
		join(folder, "refusal.txt"),
	);
	expect(made).toBe(0);
});
