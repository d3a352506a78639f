import { expect, test } from "vitest";
import type { SendingClient } from "../contract/deliver.ts";
import { manifestOf } from "../testing/run-handler.ts";
import { createDeadLetters, type DeadLetter } from "./dead-letters.ts";

const letter: DeadLetter = {
	formatVersion: 1,
	pipeline: "orders",
	consumer: "crm",
	eventID: "e1",
	reason: "bad",
	attempts: 1,
	replayId: null,
	firstFailedAt: "2026-11-24T09:30:00.000Z",
	parkedAt: "2026-11-24T09:30:01.000Z",
	record: { any: "thing" },
};

async function keyOf(eventID: string): Promise<{ key: string; body: unknown }> {
	let sent = { Key: "", Bucket: "", Body: "{}" };
	const sender = {
		async send({ input }) {
			sent = input;
		},
	} satisfies SendingClient;
	const store = createDeadLetters(manifestOf(), <Client extends SendingClient>() => sender as unknown as Client);
	await store.park({ ...letter, eventID }, { keyHash: "ab12", sequence: "2026-11-24T00:00:00.000/0001" });
	expect(sent.Bucket).toBe("operations");
	return { key: sent.Key, body: JSON.parse(sent.Body) };
}

test("a letter lies by consumer, item and order, and holds the record whole", async () => {
	expect(await keyOf("e1")).toEqual({
		key: "dead-letters/orders/crm/ab12/2026-11-24T00:00:00.000-0001-e1.json",
		body: letter,
	});
});

test("a forged eventID cannot leave the folder of its item", async () => {
	const { key } = await keyOf("../../other/x");
	expect(key).toMatch(/^dead-letters\/orders\/crm\/ab12\/2026-11-24T00:00:00.000-0001-[0-9a-f]{64}\.json$/);
});
