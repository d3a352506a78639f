import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { copyProject } from "../../framework/testing/copy-project.ts";
import { streamRecord } from "../../framework/testing/factories.ts";
import { fillLocalLake } from "../../framework/testing/local-lake.ts";
import { readPage } from "../../framework/testing/read-page.ts";
import { runCli } from "../../framework/testing/run-cli.ts";

const { blocks } = readPage("docs/item-schemas.md");
const block = (language: string): string => blocks.find((each) => each.language === language)?.text ?? "";
const queries = blocks
	.filter(({ language }) => language === "sh")
	.flatMap(({ text }) =>
		text.split("\n").map((line) => /^npx pipeline lake query (\S+) "(.*)"$/.exec(line)?.slice(1) ?? [line]),
	);

test("the page's pipeline, its schema and its queries", async () => {
	const project = copyProject();
	onTestFinished(project.remove);
	writeFileSync(join(project.root, "pipelines/user-actions.yaml"), block("yaml"));
	writeFileSync(join(project.root, "schemas/items/click.schema.json"), block("json"));
	const records = ["9.99", "0.01", "1.005"].map((price, index) => {
		const Keys = { uuid: { S: `u${index}` }, user: { S: "1" } };
		const newImage = { ...Keys, action: { S: "Search" }, price: { N: price } };
		const record = streamRecord({ item: `u${index}`, newImage });
		return { ...record, dynamodb: { ...record.dynamodb, Keys } };
	});
	await fillLocalLake(project.root, "user-actions", [records]);
	const answers = [];
	for (const query of queries) {
		const { code, stdout } = await runCli(project.root, ["lake", "query", ...query, "--format", "csv"]);
		expect([query, code]).toEqual([query, 0]);
		answers.push(stdout.split("\n").slice(1, -1).sort());
	}
	expect(answers).toEqual([
		["Search,3,10.00"],
		["", "0.01", "9.99"].map((price) => `2026-11-24 09:30:00,INSERT,,${price}`),
		["u2,1.005"],
	]);
});
