import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const { scripts }: { scripts: Record<string, string> } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));

/** The scripts that are programs of this repository, but for the command line and what hands its arguments to Pulumi. */
const programs = Object.entries(scripts).flatMap(([name, line]) => {
	const [command, ...args] = line.split(" ");
	return command === "node" && args.at(-1)?.endsWith(".ts") ? [{ name, args }] : [];
});

/** As npm runs it, without npm. */
function runScript(args: readonly string[], more: readonly string[]) {
	return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
		const child = execFile(process.execPath, [...args, ...more], { cwd: root }, (_error, stdout, stderr) =>
			resolve({ code: child.exitCode ?? -1, stdout, stderr }),
		);
	});
}

test("every program is here", () => {
	expect(programs.map(({ name }) => name)).toEqual([
		"generate",
		"simulate",
		"simulate:mutants",
		"bench:deploy",
		"bench:budgets",
		"bench:coldstart",
		"bench:lake",
		"bench:runtime",
		"bench:writer",
	]);
});

test.concurrent.each(programs)(
	"npm run $name says what it takes, and refuses what it does not before it does anything",
	async ({ name, args }) => {
		const [help, unknown] = await Promise.all([runScript(args, ["--help"]), runScript(args, ["--bogus"])]);
		expect(help).toMatchObject({ code: 0, stderr: "" });
		expect(help.stdout).toContain(`Usage: npm run ${name} -- [options]`);
		expect(unknown).toMatchObject({ code: 2, stdout: "" });
		expect(unknown.stderr).toMatch(/^.+ has no option --bogus\. .+ See `npm run .+ -- --help`\.\n$/);
	},
);

test.each([
	[["--rounds", "x"], "--rounds x: give a whole number, at least 1."],
	[["--rounds", "0"], "--rounds 0: give a whole number, at least 1."],
	[["--rounds", "-1"], "--rounds needs a value; one that begins with a dash is written --rounds=-…"],
	[["--rounds=-1"], "--rounds -1: give a whole number, at least 1."],
	[["--slow=yes"], "--slow takes no value."],
	[["more"], "Unexpected argument 'more'."],
])("%j is refused", async (more, words) => {
	const { args = [] } = programs.find(({ name }) => name === "bench:writer") ?? {};
	const stderr = `bench:writer: ${words} See \`npm run bench:writer -- --help\`.\n`;
	expect(await runScript(args, more)).toEqual({ code: 2, stdout: "", stderr });
});
