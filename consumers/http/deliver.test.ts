import { CloudEvent, HTTP } from "cloudevents";
import { Webhook } from "standardwebhooks";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { settle } from "../../framework/testing/conformance.ts";
import { change } from "../../framework/testing/factories.ts";
import { FAKE_NOW, fakeOutside } from "../../framework/testing/fake-outside.ts";
import { definition } from "./definition.ts";
import { deliverer } from "./deliver.ts";
import type { HttpSettings } from "./settings.ts";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const NEW_SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const URL = "https://crm.example.com/events?tenant=7";

// The verifier of the specification's authors compares with the clock of the machine.
beforeEach(() => vi.useFakeTimers({ now: FAKE_NOW, toFake: ["Date"] }));
afterEach(() => vi.useRealTimers());

async function deliver(given: object, records = [change()], secret = SECRET) {
	const settings = settle(definition, { url: URL, ...given }).contribution.settings as HttpSettings;
	const { context, calls } = fakeOutside(settings, () => ({ status: 204 }), secret);
	const outcomes = await deliverer.deliver(records, context);
	return { outcomes, calls, body: String(calls[0]?.input), headers: Object.fromEntries(calls[0]?.headers ?? []) };
}

test("signs so that the official verifier accepts it, and refuses one changed byte", async () => {
	const { body, headers } = await deliver({ signingSecret: "secretsmanager:crm" });
	expect(() => new Webhook(SECRET).verify(body, headers)).not.toThrow();
	expect(() => new Webhook(SECRET).verify(`${body} `, headers)).toThrow();
	expect(() => new Webhook(NEW_SECRET).verify(body, headers)).toThrow();
});

test("signs with each key while keys are rotated", async () => {
	const { body, headers } = await deliver({ signingSecret: "ssm:/crm" }, [change()], `${NEW_SECRET} ${SECRET}\n`);
	expect(() => new Webhook(SECRET).verify(body, headers)).not.toThrow();
	expect(() => new Webhook(NEW_SECRET).verify(body, headers)).not.toThrow();
});

test("names the reference, not the value, of a signing secret that is no key", async () => {
	const { outcomes, calls } = await deliver({ signingSecret: "ssm:/crm" }, [change()], "not a key!");
	expect(calls).toEqual([]);
	expect(outcomes).toEqual([{ status: "retry", reason: "a secret cannot be read or used: one of ssm:/crm" }]);
});

test("sends what the CloudEvents SDK reads as the event, with the eventID as its id", async () => {
	const record = change({ item: "ü", number: 3, eventName: "MODIFY" });
	const { body, headers } = await deliver({}, [record]);
	const event = HTTP.toEvent({ headers, body });
	if (!(event instanceof CloudEvent)) throw new Error("one event expected");
	expect(event.validate()).toBe(true);
	expect(event.id).toBe(record.eventID);
	expect(event.type).toBe("tributary.item.modify.v1");
	expect(headers["webhook-id"]).toBe(record.eventID);
});

test("sends a batch, even of one, as what the CloudEvents SDK reads as a list", async () => {
	for (const records of [[change()], [change(), change({ item: "b" })]]) {
		const { body, headers } = await deliver({ batch: { maxRecords: 5 } }, records);
		const events = HTTP.toEvent({ headers, body }) as { id: string }[];
		expect(events.map(({ id }) => id)).toEqual(records.map(({ eventID }) => eventID));
	}
});

test("gives other records another webhook-id", async () => {
	const a = change();
	const b = change({ item: "b" });
	const batch = { batch: { maxRecords: 5 } };
	const ids = [[a], [b], [a, b], [b, a]].map(async (records) => (await deliver(batch, records)).headers["webhook-id"]);
	expect(new Set(await Promise.all(ids)).size).toBe(4);
});

test("sends constant and secret headers, the query, and plain JSON for other contents", async () => {
	const given = { headers: { "X-Team": "shop" }, secretHeaders: { Authorization: "ssm:/token" }, content: "record" };
	const record = change();
	const { calls, body, headers } = await deliver(given, [record], "Bearer 123\n");
	expect(headers).toMatchObject({ "x-team": "shop", authorization: "Bearer 123", "content-type": "application/json" });
	expect(headers).not.toHaveProperty("webhook-signature");
	expect(calls[0]?.to).toBe(URL);
	expect(JSON.parse(body)).toEqual(record.record);
});

test("tells the receiver's fetch not to follow redirects and to stop with the invocation", async () => {
	const settings = settle(definition, { url: URL }).contribution.settings as HttpSettings;
	const { context } = fakeOutside(settings, () => ({}));
	const invocation = new AbortController();
	let seen: RequestInit | undefined;
	const fetch: typeof context.fetch = async (_url, init) => {
		seen = init;
		invocation.abort();
		throw init?.signal?.reason;
	};
	const outcomes = await deliverer.deliver([change()], { ...context, fetch, signal: invocation.signal });
	expect(seen?.redirect).toBe("manual");
	expect(outcomes).toEqual([{ status: "retry", reason: "the request failed: AbortError" }]);
});
