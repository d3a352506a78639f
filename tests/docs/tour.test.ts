import { once } from "node:events";
import { createInterface } from "node:readline";
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { LOCAL_CLIENT } from "../../framework/local/local-client.ts";
import { copyProject } from "../../framework/testing/copy-project.ts";
import { readPage } from "../../framework/testing/read-page.ts";

/** The README's own lines, each a command. */
const tour =
	readPage("README.md")
		.blocks.find(({ text }) => text.startsWith("npx pipeline lake query"))
		?.text.split("\n") ?? [];

test("the README's tour: from a click to its audit, its replay to one consumer, and a test made of it", async () => {
	const [audit = "", replay = "", fixture = "", run = ""] = tour;
	expect(tour).toHaveLength(4);
	const project = copyProject();
	const dev = project.start("exec npx pipeline dev user-actions --port 0 --format json");
	try {
		const [ready] = await once(createInterface(dev.stdout), "line");
		const { dynamodb: endpoint } = JSON.parse(ready).endpoints;
		const client = new DynamoDBClient({ ...LOCAL_CLIENT, endpoint });
		const Item = { uuid: { S: "1234" }, user: { S: "1" }, action: { S: "ClickOnLogo" } };
		await client.send(new PutItemCommand({ TableName: "tributary-local-user-actions", Item }));
		client.destroy();
		const sent = async (): Promise<{ id: string; replayid?: string }[]> => {
			const text = await (await fetch(`${endpoint}/_receiver/requests?consumer=engagement`)).text();
			return text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(JSON.parse(line).body)]));
		};
		const does = async (command: string): Promise<string> => {
			const { code, stdout, stderr } = await project.bash(command);
			expect({ command, code, stderr: code === 0 ? "" : stderr }).toEqual({ command, code: 0, stderr: "" });
			return stdout;
		};
		// Both have it: the lake, which gathers for a second, and the webhook.
		while ((await does("npx pipeline lake ls user-actions")) === "" || (await sent()).length === 0);

		expect(await does(audit)).toMatch(/^time +event +action +user\n.*\n\S+ \S+ +INSERT +ClickOnLogo +1\n$/);
		await does(replay);
		const [live, again] = await sent();
		expect(again?.id).toBe(live?.id);
		expect([live?.replayid, again?.replayid]).toEqual([undefined, expect.any(String)]);
		expect(await does(fixture)).toContain("pipelines/user-actions.test.yaml");
		expect(await does(run)).toContain("✓ a click on the logo");
	} finally {
		const ended = once(dev, "exit");
		dev.kill("SIGTERM");
		await ended;
		project.remove();
	}
}, 120_000);
