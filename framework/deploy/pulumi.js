#!/usr/bin/env node
// Runs Pulumi's command line on this project: `node framework/deploy/pulumi.js up --stack dev`. Plain JavaScript, so that any
// Node can start it. Pulumi takes the `node` of PATH for the program, which needs 24.3 or newer: the one that `npm ci`
// installed is put first there.
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const WINDOWS = process.platform === "win32";

const ownNode = join(ROOT, "node_modules", "node", "bin");
// npm spells it Path on Windows; there only one of the two spellings may be handed on.
const pathName = Object.keys(process.env).find((name) => name.toUpperCase() === "PATH") ?? "PATH";
const path = process.env[pathName] ?? "";
const environment = {
	...process.env,
	[pathName]: existsSync(join(ownNode, WINDOWS ? "node.exe" : "node")) ? `${ownNode}${delimiter}${path}` : path,
};

/** The folder of PATH that has the CLI; none if it is not installed. */
function findPulumi() {
	const names = WINDOWS ? ["pulumi.exe", "pulumi.cmd"] : ["pulumi"];
	const files = path.split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)));
	return files.find((file) => {
		try {
			accessSync(file, constants.X_OK);
			return true;
		} catch {
			return false;
		}
	});
}

/** How the CLI is started: the installed one, or the npm package `pulumi`, which fetches it. */
function launcher() {
	const installed = findPulumi();
	if (installed !== undefined) return [installed];
	process.stderr.write(
		"Pulumi's command line is not installed: npx fetches it, once. https://www.pulumi.com/docs/install/\n",
	);
	const npm = process.env.npm_execpath;
	const start = npm?.endsWith(".js") ? [process.execPath, npm, "exec"] : ["npm", "exec"];
	return [...start, "--yes", "--package=pulumi@^3.208.0", "--", "pulumi"];
}

function run([command, ...first], args) {
	const shell = WINDOWS && !command.endsWith(".exe");
	const { status, signal, error } = spawnSync(command, [...first, ...args], {
		cwd: ROOT,
		env: environment,
		stdio: "inherit",
		shell,
	});
	if (error === undefined) return status ?? (signal === "SIGINT" ? 130 : 143);
	process.stderr.write(`${dirname(command) === "." ? command : "Pulumi"} cannot be started: ${error.message}\n`);
	return 2;
}

/** The stack that the arguments name. */
function stackOf(args) {
	for (const [index, arg] of args.entries()) {
		if (arg === "--stack" || arg === "-s") return args[index + 1];
		if (arg.startsWith("--stack=")) return arg.slice("--stack=".length);
	}
	return undefined;
}

const args = process.argv.slice(2);
const start = launcher();
const stack = stackOf(args);
// The first deployment of an environment makes its stack: an empty entry in the state, and nothing on AWS.
const isFirst = stack !== undefined && ["up", "preview"].includes(args[0]);
const made = isFirst ? run(start, ["stack", "select", stack, "--create"]) : 0;
process.exitCode = made === 0 ? run(start, args) : made;
