import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateTableCommand, DescribeTableCommand, DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterEach, beforeEach, expect, test } from "vitest";
import { fakeClock } from "../../testing/fake-clock.ts";
import { LOCAL_CLIENT } from "../local-client.ts";
import { startServer } from "../server.ts";
import { CHANGE_LOG_PATH, type ChangePage } from "./change-log.ts";
import { startDynamoDb } from "./start.ts";
import { readAll } from "./start-for-test.ts";

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const DAY = 86_400_000;

let dataDir: string;
const clock = fakeClock(NOW);

beforeEach(() => {
	dataDir = mkdtempSync(join(tmpdir(), "changes-"));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

async function run<Result>(
	work: (at: { client: DynamoDBClient; url: string; ids(): Promise<string[]> }) => Promise<Result>,
) {
	const running = await startDynamoDb({ dataDir, clock, region: "eu-west-1", accountId: "123456789012" });
	const server = await startServer({
		port: 0,
		route: ({ path }) => (path === CHANGE_LOG_PATH ? running.changeLog : running.service),
	});
	const client = new DynamoDBClient({ ...LOCAL_CLIENT, endpoint: server.url, region: "eu-west-1" });
	const ids = async (): Promise<string[]> => {
		const { Table } = await client.send(new DescribeTableCommand({ TableName: "orders" }));
		return readAll(running.source, Table?.LatestStreamArn ?? "").map(({ eventID }) => eventID);
	};
	try {
		return await work({ client, url: server.url, ids });
	} finally {
		client.destroy();
		await server.close();
		await running.close();
	}
}

const read = async (url: string, query: string): Promise<ChangePage> =>
	(await (await fetch(`${url}${CHANGE_LOG_PATH}?table=orders&${query}`)).json()) as ChangePage;

test("it knows every record for longer than the stream, and after a restart", async () => {
	const first = await run(async ({ client, ids }) => {
		await client.send(
			new CreateTableCommand({
				TableName: "orders",
				BillingMode: "PAY_PER_REQUEST",
				KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
				AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
				StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_IMAGE" },
			}),
		);
		const put = new PutItemCommand({ TableName: "orders", Item: { pk: { S: "a" } } });
		await client.send(put);
		// Changes nothing: no record, and no line here.
		await client.send(put);
		return ids();
	});
	expect(first).toHaveLength(1);
	clock.advance(2 * DAY);
	await run(async ({ client, url, ids }) => {
		await client.send(new PutItemCommand({ TableName: "orders", Item: { pk: { S: "b" } } }));
		const { since, changes, next } = await read(url, "from=0");
		expect({ since, next }).toEqual({ since: NOW, next: null });
		const [old, young] = changes;
		expect(old).toEqual({ eventID: first[0], time: Math.floor(NOW / 1000) });
		expect(await ids()).toEqual([young?.eventID]);
		expect((await read(url, `from=${NOW / 1000 + 60}`)).changes).toEqual([young]);
	});
});
