import type { ClientOf, SendingClient } from "../contract/deliver.ts";

/** Clients are made once a container and kept: a new one would cost a connection and a look-up of credentials. */
export function createClients(): ClientOf {
	const clients = new Map<unknown, Map<string, SendingClient>>();
	return (type, configuration = {}) => {
		const made = clients.get(type) ?? new Map<string, SendingClient>();
		clients.set(type, made);
		const name = JSON.stringify(configuration);
		const client = made.get(name) ?? new type(configuration);
		made.set(name, client);
		return client as InstanceType<typeof type>;
	};
}
