import { expect, test } from "vitest";
import type { SendingClient } from "../contract/deliver.ts";
import * as readers from "./secret-readers.ts";
import { createSecrets } from "./secrets.ts";

function secretsOf(answer: (command: string, input: object) => unknown) {
	let now = 0;
	let reads = 0;
	const sender = {
		async send(command) {
			reads += 1;
			return answer(command.constructor.name, command.input);
		},
	} satisfies SendingClient;
	const read = createSecrets(
		<Client extends SendingClient>() => sender as unknown as Client,
		() => now,
		readers,
	);
	return { read, reads: () => reads, at: (time: number) => (now = time) };
}

test("each reference is read from its store, and kept for five minutes", async () => {
	const asked: unknown[] = [];
	const { read, reads, at } = secretsOf((command, input) => {
		asked.push([command, input]);
		return { SecretString: "from manager", Parameter: { Value: "from ssm" } };
	});
	expect(await read("secretsmanager:arn:aws:x")).toBe("from manager");
	expect(await read("ssm:/crm/key")).toBe("from ssm");
	expect(asked).toEqual([
		["GetSecretValueCommand", { SecretId: "arn:aws:x" }],
		["GetParameterCommand", { Name: "/crm/key", WithDecryption: true }],
	]);
	at(299_999);
	await read("ssm:/crm/key");
	expect(reads()).toBe(2);
	at(300_000);
	await read("ssm:/crm/key");
	expect(reads()).toBe(3);
});

test("a failure is not kept", async () => {
	let down = true;
	const { read } = secretsOf(() => {
		if (down) throw new Error("throttled");
		return { SecretString: "value" };
	});
	await expect(read("secretsmanager:a")).rejects.toThrow("throttled");
	down = false;
	expect(await read("secretsmanager:a")).toBe("value");
});
