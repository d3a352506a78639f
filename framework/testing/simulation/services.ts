import type { ClientOf, SendingClient } from "../../contract/deliver.ts";
import type { Container } from "./container.ts";
import { kinesisCall } from "./kinesis-service.ts";
import { type Call, named } from "./network.ts";
import { functionCall, requestCall } from "./receivers.ts";
import { objectCall } from "./s3-service.ts";
import { stateCall } from "./state-service.ts";
import type { World } from "./world.ts";

/** What SDK commands have in common. */
export interface Command {
	constructor: { name: string };
	// biome-ignore lint/suspicious/noExplicitAny: inputs have no common type; each service reads its own.
	input: any;
}

/** A webhook's. */
export const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/** Stands in for the SDK's clients in one container; whatever their class, the command says who is called. */
export function clientOf(world: World, container: Container): ClientOf {
	const clientWith = (attempts: number): SendingClient => ({
		async send(command: Command, options?: { abortSignal?: AbortSignal }): Promise<unknown> {
			if (command.constructor.name === "GetSecretValueCommand") return { SecretString: SECRET };
			const signal = options?.abortSignal;
			return attempt(world, container, attempts, () => world.network.send(container, callOf(world, command), signal));
		},
	});
	return <Client extends SendingClient>(_type: unknown, { maxAttempts }: { maxAttempts?: number } = {}) =>
		clientWith(maxAttempts ?? world.scenario.sdkAttempts) as unknown as Client;
}

function callOf(world: World, command: Command): Call {
	switch (command.constructor.name) {
		case "PutRecordsCommand":
			return kinesisCall(world, command.input);
		case "PutObjectCommand":
		case "GetObjectCommand":
		case "DeleteObjectCommand":
		case "ListObjectsV2Command":
			return objectCall(world, command);
		case "GetItemCommand":
		case "BatchGetItemCommand":
		case "BatchWriteItemCommand":
		case "QueryCommand":
		case "UpdateItemCommand":
		case "DeleteItemCommand":
			return stateCall(world, command);
		case "InvokeCommand":
			return functionCall(world, command.input);
		default:
			throw new Error(`The model does not know ${command.constructor.name}.`);
	}
}

/** What the SDK takes for passing by itself (AWS SDKs and Tools reference, "Retry behavior"): also a call that may have been done. */
const PASSING =
	/Throttling|TooManyRequests|ProvisionedThroughput|SlowDown|ServiceUnavailable|InternalServer|ECONNRESET|TimeoutError/;

/** Its wait before the second attempt, which doubles; it takes a random part of it. */
const SDK_BACKOFF_MILLISECONDS = 100;

/** A call as the SDK makes it: sent again without a word as long as it may help. */
async function attempt(
	world: World,
	container: Container,
	attempts: number,
	send: () => Promise<unknown>,
): Promise<unknown> {
	for (let count = 1; ; count++)
		try {
			return await send();
		} catch (error) {
			if (count >= attempts || !PASSING.test((error as Error).name)) throw error;
			const wait = world.chance.integer(0, SDK_BACKOFF_MILLISECONDS * 2 ** (count - 1));
			await new Promise<void>((resolve) => container.after(wait, resolve));
		}
}

export function fetchOf(world: World, container: Container): typeof fetch {
	return async (url, init) => {
		const call = requestCall(world, String(url), new Headers(init?.headers), String(init?.body));
		try {
			return (await world.network.send(container, call, init?.signal ?? undefined)) as Response;
		} catch (error) {
			const { name } = error as Error;
			if (name === "AbortError") throw init?.signal?.reason ?? error;
			throw new TypeError("fetch failed", {
				cause: Object.assign(named(name, "The connection failed."), { code: name }),
			});
		}
	};
}
