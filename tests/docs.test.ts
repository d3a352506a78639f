import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { defineYaml } from "../framework/testing/compile-yaml.ts";

const docs = new URL("../docs/", import.meta.url);

/** Whole definitions in the pages: blocks that begin with the name of their file. */
const examples = [...readdirSync(docs), "../README.md"]
	.filter((page) => page.endsWith(".md"))
	.flatMap((page) => {
		const text = readFileSync(new URL(page, docs), "utf8");
		const blocks = text.matchAll(/```yaml\n(# pipelines\/([a-z0-9-]+)\.yaml\n[\s\S]*?)```/g);
		return [...blocks].map(([, yaml = "", name = ""]) => ({ page, name, yaml }));
	});

test("pages have examples", () => {
	expect(examples.length).toBeGreaterThan(0);
});

test.each(examples)("$page: $name is a valid pipeline", ({ name, yaml }) => {
	for (const environment of ["local", "prod"]) expect(defineYaml(name, yaml, environment)).toHaveLength(1);
});
