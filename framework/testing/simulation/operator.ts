import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { InvokeCommandInput, LambdaClient } from "@aws-sdk/client-lambda";
import { S3Client } from "@aws-sdk/client-s3";
import type { Lease } from "../../operations/lease.ts";
import type { ConsumerPlace, Services } from "../../operations/place.ts";
import { type Container, createContainer } from "./container.ts";
import { BINDINGS } from "./deployment.ts";
import type { InvocationFact, Operation } from "./facts.ts";
import { named } from "./network.ts";
import { clientOf } from "./services.ts";
import { malformed } from "./table-model.ts";
import { STRANGER, type World } from "./world.ts";

/** The way of an operator's call to Lambda and back, in milliseconds. */
const WAY = { least: 2, most: 15 };

/** An operator redrives what a consumer is owed, as `pipeline dlq redrive` does. */
export function redriveByHand(world: World, consumer: string): Promise<void> {
	const { redriveAll } = world.code.operator;
	return operate(world, "redrive", consumer, [], (place, services, { id, lease }) =>
		redriveAll(place, services, { ...OPTIONS, id, lease, onRecord() {}, onProgress() {} }),
	);
}

/** An operator sends a consumer what the lake holds so far, as `pipeline replay` does. */
export function replayByHand(world: World, consumer: string): Promise<void> {
	const { dispatch, consumerTarget, parseRecord } = world.code.operator;
	const lines = new Map<number, string>();
	for (const { text, truths } of world.facts.lake.values())
		for (const [index, line] of text.trimEnd().split("\n").entries()) lines.set(truths[index] ?? STRANGER, line);
	const sendable = [...lines].filter(([id]) => id !== STRANGER && !malformed(world.truth(id)));
	sendable.sort(([one], [other]) => one - other);
	const works = sendable.map(([id, line]) => ({
		record: parseRecord(line, "", 1),
		keyHash: String(world.truth(id).item),
	}));
	return operate(
		world,
		"replay",
		consumer,
		sendable.map(([id]) => id),
		(place, services, { id, lease }) =>
			dispatch(each(works), {
				...services,
				signal: OPTIONS.signal,
				target: consumerTarget(place, services, { replayId: id }),
				pace: { most: Number.POSITIVE_INFINITY, wait: () => lease.renew() },
				onSent() {},
				onMark: async () => {},
			}),
	);
}

async function* each<Member>(members: readonly Member[]): AsyncGenerator<Member> {
	yield* members;
}

type Work = (place: ConsumerPlace, services: Services, given: { id: string; lease: Lease }) => Promise<unknown>;

async function operate(world: World, kind: string, consumer: string, truths: number[], work: Work): Promise<void> {
	const { code, facts, scheduler, trace } = world;
	const place = code.operator.consumersOf(world.plan, BINDINGS).find((one) => one.consumer === consumer);
	// A run that is being cut down may have lost it.
	if (!place) return;
	const number = facts.operations.length;
	const id = `${kind}-${number}`;
	const operation: Operation = { id, consumer, ended: false, truths, taken: [] };
	facts.operations.push(operation);
	const container = createContainer(-1 - number, scheduler);
	const sent: InvocationFact[] = [];
	// What it had sent, it did not note: the next one may send it again.
	const forget = (why: string): void => {
		for (const invocation of sent) invocation.heard = false;
		trace.add(scheduler.now(), `${id} of ${consumer} ended early: ${why}`);
	};
	container.thaw({ ...NOBODY, id: -1, index: number }, forget);
	const services = servicesOf(world, container, place, sent);
	try {
		await code.operator.withLease(place, services, id, (lease) => work(place, services, { id, lease }));
		operation.ended = true;
		trace.add(scheduler.now(), `${id} of ${consumer} ended`);
		world.judge.operated(operation);
	} catch (error) {
		forget((error as Error).message);
	}
}

const OPTIONS = { rate: null, signal: new AbortController().signal };

/** Stands for a function where it is asked who calls. */
const NOBODY = {
	function: "operator",
	consumers: [],
	replay: null,
	container: -1,
	reused: false,
	truths: [],
	identifiers: [],
	startedAt: 0,
	endedAt: null,
	outcome: null,
	response: null,
	heard: true,
	twin: false,
	calls: 0,
	reports: [],
	metrics: new Map(),
	troubles: [],
};

function servicesOf(world: World, container: Container, place: ConsumerPlace, sent: InvocationFact[]): Services {
	const { send } = clientOf(world, container)(S3Client);
	const sleep = (milliseconds: number): Promise<void> =>
		new Promise((resolve) => container.after(milliseconds, resolve));
	return {
		// Paginators ask whose client it is.
		s3: Object.assign(Object.create(S3Client.prototype), { send }),
		dynamodb: Object.assign(Object.create(DynamoDBClient.prototype), { send }),
		lambda: { send: ({ input }: { input: InvokeCommandInput }) => invoke(input) } as unknown as LambdaClient,
		now: world.scheduler.now,
		sleep,
	};

	async function invoke({ Payload }: InvokeCommandInput): Promise<object> {
		await sleep(world.chance.integer(WAY.least, WAY.most));
		const planned = world.plan.functions.find(({ consumers }) => consumers.includes(place.consumer));
		const host = world.hosts.get(planned?.id ?? "");
		if (!host || world.isThrottled(host.id)) throw named("TooManyRequestsException", "Rate exceeded.");
		const before = world.facts.invocations.length;
		const running = host.replay(Buffer.from(Payload as Uint8Array).toString("utf8"), () => !container.dead);
		sent.push(...world.facts.invocations.slice(before));
		const answer = await running;
		await sleep(world.chance.integer(WAY.least, WAY.most));
		if (answer.status === "failed") return { FunctionError: "Unhandled", Payload: Buffer.from("null") };
		return { Payload: Buffer.from(JSON.stringify(answer.response)) };
	}
}
