import { rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { definitions as kinds } from "../../../consumers/definitions.ts";
import type { AnyConsumerDefinition, ConsumerDefinitions } from "../../contract/consumer-definition.ts";
import { readDefinitions } from "../../definition/index.ts";
import { findProjectRoot } from "../../project/root.ts";
import { type Command, UsageError } from "../command.ts";
import { describeFull, isFull } from "../full-disk.ts";
import { scaffold } from "../new/scaffold.ts";

const KINDS = Object.keys(kinds);

/** `pipeline new`: a definition to begin with. */
export const newPipeline: Command = {
	name: "new",
	summary: "Write a small valid definition to begin with",
	positionals: "<name>",
	arity: [1, 1],
	options: {
		kind: {
			type: "string",
			multiple: true,
			choices: KINDS,
			help: `Kind of a consumer; more than once for more (${KINDS[0]})`,
		},
	},
	examples: ["pipeline new orders", "pipeline new orders --kind s3 --kind http"],
	async run(args, io) {
		const [name = ""] = args.positionals;
		const root = findProjectRoot(io.cwd);
		const text = scaffold(name, chooseKinds(args.all("kind")));
		refuseInvalid(name, text);
		const path = join(root, "pipelines", `${name}.yaml`);
		const shown = relative(io.cwd, path).replaceAll("\\", "/");
		write(path, text, shown);
		io.stdout(`${shown}\n`);
		io.stderr(`Edit it, then: npx pipeline validate, npx pipeline plan ${name}, npx pipeline dev ${name}\n`);
		return 0;
	},
};

function chooseKinds(named: readonly string[]): AnyConsumerDefinition[] {
	const all: ConsumerDefinitions = kinds;
	const chosen = named.length === 0 ? KINDS.slice(0, 1) : [...new Set(named)];
	return chosen.flatMap((kind) => all[kind] ?? []);
}

/** The name is the only thing that can be wrong, and the definition's own rules say how. */
function refuseInvalid(name: string, text: string): void {
	const file = { file: `${name}.yaml`, bytes: Buffer.from(text), defaults: null };
	const { diagnostics } = readDefinitions([file], { known: ["local"], environments: ["local"], kinds });
	const [problem] = diagnostics.filter(({ severity }) => severity === "error");
	if (problem) throw new UsageError(`A pipeline cannot be called "${name}". ${problem.detail} ${problem.help}`);
	if (name === "defaults")
		throw new UsageError("pipelines/defaults.yaml lies under every pipeline. Call the pipeline something else.");
}

function write(path: string, text: string, shown: string): void {
	try {
		writeFileSync(path, text, { flag: "wx" });
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (isFull(error)) rmSync(path, { force: true });
		throw new UsageError(
			code === "EEXIST"
				? `${shown} is there already, and stays as it is. Take another name, or edit it.`
				: `${shown} cannot be written${isFull(error) ? `. ${describeFull(error)}` : `: the system answers ${code}.`}`,
		);
	}
}
