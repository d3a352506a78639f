import type { ClientOf, SendingClient } from "../contract/deliver.ts";

/** Clients are made once a container and kept: a new one would cost a connection and a look-up of credentials. */
export function createClients(): ClientOf {
	const clients = new Map<unknown, Map<string, SendingClient>>();
	return (type, configuration = {}) => {
		const made = clients.get(type) ?? new Map<string, SendingClient>();
		clients.set(type, made);
		const endpoint = configuration.endpoint ?? "";
		const client = made.get(endpoint) ?? new type(configuration);
		made.set(endpoint, client);
		return client as InstanceType<typeof type>;
	};
}
