import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { Arguments, Io } from "../framework/cli/command.ts";
import { validate } from "../framework/cli/commands/validate.ts";
import { DIAGNOSTIC_CODES } from "../framework/diagnostics/codes.ts";

const root = fileURLToPath(new URL("golden/invalid", import.meta.url));
const cases = readdirSync(root).sort();
const reported = new Set<string>();

async function run(cwd: string, format: string): Promise<{ code: number; text: string }> {
	let text = "";
	const io: Io = {
		stdout: (part) => {
			text += part;
		},
		stderr: () => {},
		cwd,
		env: {},
		terminal: false,
		printsToTerminal: false,
		signal: new AbortController().signal,
	};
	const args: Arguments = {
		positionals: [],
		option: (name) => (name === "format" ? format : undefined),
		all: () => [],
		flag: () => false,
	};
	return { code: await validate.run(args, io), text };
}

// Each folder is a project; diagnostics.txt is what its user sees. `vitest -u` rewrites it: read the difference.
test.each(cases)("%s", async (name) => {
	const folder = join(root, name);
	const { code, text } = await run(folder, "human");
	await expect(text).toMatchFileSnapshot(join(folder, "diagnostics.txt"));
	const json = JSON.parse((await run(folder, "json")).text);
	for (const diagnostic of json.diagnostics) reported.add(diagnostic.code);
	expect(code).toBe(json.diagnostics.some(({ severity }: { severity: string }) => severity === "error") ? 1 : 0);
});

/** Codes that only a deployment, or only `pipeline test`, reports: other tests write what is read here. */
function codesElsewhere(): string[] {
	return [
		["golden/refused", "refusal.txt"],
		["golden/failing", "report.txt"],
	].flatMap(([place = "", file = ""]) => {
		const folder = fileURLToPath(new URL(place, import.meta.url));
		const texts = readdirSync(folder).map((name) => readFileSync(join(folder, name, file), "utf8"));
		return texts.flatMap((text) => [...text.matchAll(/\[([a-z-]+)\]$/gm)].map(([, code = ""]) => code));
	});
}

test("every code has an example", () => {
	for (const code of codesElsewhere()) reported.add(code);
	expect(Object.keys(DIAGNOSTIC_CODES).filter((code) => !reported.has(code))).toEqual([]);
});
