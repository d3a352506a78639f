import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { definitions } from "../consumers/definitions.ts";
import { generateDiagnosticsPage } from "../tools/generate/diagnostics-page.ts";
import { generatePipelineSchema } from "../tools/generate/pipeline-schema.ts";

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");

test.each([
	["schemas/pipeline.schema.json", () => generatePipelineSchema(definitions)],
	["docs/reference/diagnostics.md", generateDiagnosticsPage],
])("%s is what `npm run generate` writes", (path, generate) => {
	expect(read(path)).toBe(generate());
});

test("the editors' schema takes the shipped pipeline and refuses a setting its kind does not have", () => {
	const validate = new Ajv2020({ strict: false }).compile(JSON.parse(read("schemas/pipeline.schema.json")));
	const pipeline = parse(read("pipelines/user-actions.yaml"));
	validate(pipeline);
	expect(validate.errors).toBeNull();
	pipeline.consumers[0].with.colour = "red";
	expect(validate(pipeline)).toBe(false);
});
