import type { ClientOf, SendingClient } from "../../contract/deliver.ts";
import type { Container } from "./container.ts";
import { kinesisCall } from "./kinesis-service.ts";
import { type Network, named } from "./network.ts";
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
	const client = {
		send(command: Command, options?: { abortSignal?: AbortSignal }): Promise<unknown> {
			const signal = options?.abortSignal;
			const send = (call: Parameters<Network["send"]>[1]) => world.network.send(container, call, signal);
			switch (command.constructor.name) {
				case "PutRecordsCommand":
					return send(kinesisCall(world, command.input));
				case "PutObjectCommand":
				case "GetObjectCommand":
					return send(objectCall(world, command));
				case "GetItemCommand":
				case "BatchGetItemCommand":
				case "BatchWriteItemCommand":
				case "QueryCommand":
				case "UpdateItemCommand":
					return send(stateCall(world, command));
				case "InvokeCommand":
					return send(functionCall(world, command.input));
				case "GetSecretValueCommand":
					return Promise.resolve({ SecretString: SECRET });
				default:
					throw new Error(`The model does not know ${command.constructor.name}.`);
			}
		},
	} satisfies SendingClient;
	return <Client extends SendingClient>() => client as unknown as Client;
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
