import { once } from "node:events";
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { KinesisClient, ListStreamsCommand } from "@aws-sdk/client-kinesis";
import { expect, onTestFinished, test, vi } from "vitest";
import { createClients } from "./clients.ts";

test("a call that got no answer is repeated by the SDK, unless the client was asked for one attempt", async () => {
	let calls = 0;
	const server = createServer().on("stream", (stream) => {
		calls += 1;
		stream.session?.destroy();
	});
	await once(server.listen(0, "127.0.0.1"), "listening");
	onTestFinished(() => void server.close());
	for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]) vi.stubEnv(name, "test");
	vi.stubEnv("AWS_REGION", "eu-west-1");
	onTestFinished(() => void vi.unstubAllEnvs());
	const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	const callsWith = async (configuration: { maxAttempts?: number }): Promise<number> => {
		calls = 0;
		const client = createClients()(KinesisClient, { endpoint, ...configuration });
		await expect(client.send(new ListStreamsCommand({}))).rejects.toThrow();
		client.destroy();
		return calls;
	};
	expect(await callsWith({ maxAttempts: 1 })).toBe(1);
	expect(await callsWith({})).toBeGreaterThan(1);
});

test("clients are kept: one of a class and configuration", () => {
	const client = createClients();
	class Client {
		send = async () => {};
	}
	expect(client(Client)).toBe(client(Client));
	expect(client(Client, { maxAttempts: 1 })).not.toBe(client(Client));
});
