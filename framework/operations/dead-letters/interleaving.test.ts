import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import type { LambdaClient } from "@aws-sdk/client-lambda";
import { expect, test } from "vitest";
import type { ClientOf } from "../../contract/deliver.ts";
import { createDeadLetters } from "../../runtime/dead-letters.ts";
import { createDynamodbState } from "../../runtime/dynamodb-state.ts";
import { RECORD_TIME, streamRecord } from "../../testing/factories.ts";
import { clientsOn, createChance, createTurns, type Stores } from "../../testing/interleaving.ts";
import { consumerOf, type HandlerRun, manifestOf, runHandler } from "../../testing/run-handler.ts";
import type { ConsumerPlace, Services } from "../place.ts";
import { redriveAll } from "./redrive-all.ts";
import { redriveDue } from "./redrive-due.ts";

/** Some of them find what a lifting hangs on left out: the note of a record that is being parked, and how far the item came. */
const SCENARIOS = 200;
const ITEMS = ["a", "b"];
const VERSIONS = 6;

const manifest = manifestOf({ consumers: [consumerOf("crm", { concurrency: 1 })] });
const place: ConsumerPlace = {
	pipeline: "orders",
	consumer: "crm",
	functionName: "orders-router",
	together: ["crm"],
	timeoutSeconds: 60,
	recordAgeSeconds: 79_200,
	batchSize: 10,
	redrive: null,
	bucket: "operations",
	stateTable: "state",
	scope: "orders/router",
};

const records = Array.from({ length: VERSIONS }, (_, number) =>
	ITEMS.map((item) => streamRecord({ item, number: number + 1 })),
).flat();

/** Live batches and redrives at once, with calls in any order, refusals, and programs that die at any call, before or after it. */
class Scenario {
	readonly #chance;
	readonly #turns;
	readonly #stores: Stores = { objects: new Map(), rows: new Map() };
	#healthy = false;
	/** eventIDs in the order in which the consumer took them. */
	readonly taken: string[] = [];
	/** Letters of items in quarantine that a function would not have known of at some moment. */
	readonly unseen: string[] = [];
	#checkpoint = 0;
	#redrives = 0;

	constructor(seed: number) {
		this.#chance = createChance(seed);
		this.#turns = createTurns(this.#chance);
	}

	async run(): Promise<void> {
		const live = async (): Promise<void> => {
			for (let step = 0; step < 12 && this.#checkpoint < records.length; step++)
				await this.#mortal((die) => this.#live(die));
		};
		const redrives = async (): Promise<void> => {
			for (let step = 0; step < 5; step++) await this.#mortal((die) => this.#redrive(die));
		};
		await this.#turns.run([live, redrives]);
		this.#healthy = true;
		for (let step = 0; step < 30; step++)
			await this.#turns.run([
				async () => {
					await this.#mortal((die) => this.#live(die));
					await this.#mortal((die) => this.#redrive(die));
				},
			]);
	}

	/** What is not over: letters, and items in quarantine. */
	left(): string[] {
		const rows = [...this.#stores.rows.values()].filter((row) => row.quarantine && row.row?.S?.startsWith("crm/"));
		return [...this.#stores.objects.keys(), ...rows.map((row) => row.row?.S ?? "")];
	}

	/** Ends when the program does, or when it dies: then it hangs for ever. */
	async #mortal(program: (die: () => void) => Promise<void>): Promise<void> {
		await new Promise<void>((resolve, reject) => program(resolve).then(resolve, reject));
	}

	#clients(die: () => void) {
		let dead = false;
		const hang = (): Promise<never> => {
			dead = true;
			return this.#hang(die);
		};
		return clientsOn(this.#stores, async (apply) => {
			if (dead) return hang();
			await this.#turns.take();
			// A program that died makes no more calls, whatever it had begun side by side.
			if (dead) {
				this.#turns.pass();
				return hang();
			}
			const fate = this.#healthy ? 1 : this.#chance();
			if (fate < 0.03) return hang();
			if (fate < 0.05) throw new Error("no answer");
			try {
				const answer = apply();
				this.#judgeMarker();
				return fate < 0.08 ? hang() : answer;
			} catch (error) {
				if ((error as Error).name !== "ConditionalCheckFailedException") throw error;
				throw new ConditionalCheckFailedException({ message: "", $metadata: {} });
			}
		});
	}

	/** A letter of an item in quarantine stops later records of it only while the function looks its rows up. */
	#judgeMarker(): void {
		const { objects, rows } = this.#stores;
		if (rows.get(`${place.scope} marker`)?.lasting) return;
		for (const key of objects.keys()) {
			const [, , , keyHash] = key.split("/");
			if (rows.get(`${place.scope} crm/${keyHash}`)?.quarantine) this.unseen.push(key);
		}
	}

	#hang(die: () => void): Promise<never> {
		die();
		return new Promise(() => {});
	}

	#handler({ s3, dynamodb }: Pick<Services, "s3" | "dynamodb">): HandlerRun {
		const client = (type: { name: string }) => (type.name === "S3Client" ? s3 : dynamodb);
		const clientOf = client as unknown as ClientOf;
		const state = { client: clientOf, table: "state", scope: place.scope, sleep: async () => {} };
		return runHandler(manifest, {
			state: createDynamodbState({ ...state, now: () => RECORD_TIME * 1000 }),
			deadLetters: createDeadLetters(manifest, clientOf),
			answer: (_consumer, eventID) => {
				const fate = this.#healthy ? 1 : this.#chance();
				if (fate < 0.25) return { status: "reject", reason: "refused" };
				if (fate < 0.3) return { status: "retry", reason: "busy" };
				this.taken.push(eventID);
				return { status: "delivered" };
			},
		});
	}

	async #live(die: () => void): Promise<void> {
		const batch = records.slice(this.#checkpoint, this.#checkpoint + 1 + Math.floor(this.#chance() * 5));
		if (batch.length === 0) return;
		const { batchItemFailures } = await this.#handler(this.#clients(die)).invoke({ Records: batch });
		const first = batchItemFailures[0]?.itemIdentifier;
		const failed = batch.findIndex(({ dynamodb }) => dynamodb.SequenceNumber === first);
		this.#checkpoint += failed === -1 ? batch.length : failed;
	}

	async #redrive(die: () => void): Promise<void> {
		const clients = this.#clients(die);
		const handler = this.#handler(clients);
		const lambda = {
			async send({ input }: { input: { Payload: Uint8Array } }) {
				const answer = await handler.invoke(JSON.parse(Buffer.from(input.Payload).toString()));
				return { Payload: Buffer.from(JSON.stringify(answer)) };
			},
		} as unknown as LambdaClient;
		// Each an hour after the one before: whoever died holds the lease no longer, and what failed is due again.
		let time = (RECORD_TIME + this.#redrives * 3600) * 1000;
		const sleep = async (milliseconds: number): Promise<void> => {
			time += milliseconds;
			await this.#turns.take();
		};
		const services: Services = { ...clients, lambda, now: () => time, sleep };
		const common = { id: `r${this.#redrives++}`, signal: new AbortController().signal };
		const lost = (error: Error): void => {
			if (error.message !== "no answer") throw error;
		};
		if (this.#chance() < 0.4) {
			const deliver = async (event: string) => {
				const response = await handler.invoke(JSON.parse(event));
				return { status: "answered", response } as const;
			};
			const policy = { everyMinutes: 1, maxAttempts: 1000 };
			await redriveDue(place, services, { ...common, policy, time, deliver, onGivenUp() {}, onSkipped() {} }).catch(
				lost,
			);
		} else {
			const options = { ...common, rate: null, lease: { renew: async () => {} }, onRecord() {}, onProgress() {} };
			await redriveAll(place, services, options).catch(lost);
		}
	}
}

test("live records and redrives at once, by hand and by themselves: nothing is lost, each item's first deliveries are in order, no quarantine stays", async () => {
	for (let seed = 1; seed <= SCENARIOS; seed++) {
		const scenario = new Scenario(seed);
		await scenario.run();
		for (const item of ITEMS) {
			const ids = records
				.filter(({ dynamodb }) => JSON.stringify(dynamodb.Keys) === JSON.stringify({ orderId: { S: item } }))
				.map(({ eventID }) => eventID);
			const first = [...new Set(scenario.taken)].filter((id) => ids.includes(id));
			expect(first, `seed ${seed}, item ${item}`).toEqual(ids);
		}
		expect(scenario.left(), `seed ${seed}`).toEqual([]);
		expect(scenario.unseen, `seed ${seed}`).toEqual([]);
	}
}, 120_000);
