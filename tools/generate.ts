/** Writes what is derived from the sources; `--check` says instead whether it is up to date. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { definitions } from "../consumers/definitions.ts";
import { scriptOptions } from "../framework/testing/script-options.ts";
import { generateDiagnosticsPage } from "./generate/diagnostics-page.ts";
import { generatePipelineSchema } from "./generate/pipeline-schema.ts";

const OUTPUTS: Readonly<Record<string, () => string>> = {
	"schemas/pipeline.schema.json": () => generatePipelineSchema(definitions),
	"docs/reference/diagnostics.md": generateDiagnosticsPage,
};

const { check } = scriptOptions({
	name: "generate",
	summary: "Writes the files that are derived from the sources",
	options: { check: { type: "boolean", help: "Write nothing; exit 1 when a file is out of date." } },
});
for (const [name, generate] of Object.entries(OUTPUTS)) {
	const path = fileURLToPath(new URL(`../${name}`, import.meta.url));
	const wanted = generate();
	const fresh = existsSync(path) && readFileSync(path, "utf8") === wanted;
	if (fresh) continue;
	if (check) {
		process.stderr.write(`${name} is out of date: run \`npm run generate\`.\n`);
		process.exitCode = 1;
	} else {
		writeFileSync(path, wanted);
		process.stdout.write(`${name}\n`);
	}
}
