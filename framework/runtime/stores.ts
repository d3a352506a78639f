import type { Manifest } from "../contract/manifest.ts";
import { stateScope } from "../contract/places.ts";
import { createDeadLetters } from "./dead-letters.ts";
import { createDynamodbState } from "./dynamodb-state.ts";
import type { BaseDependencies, Dependencies } from "./invocation.ts";
import { createSecrets, type SecretReaders } from "./secrets.ts";

/** The stores of a function that delivers, on AWS. */
export function createStores(
	manifest: Manifest,
	{ client, now, sleep }: BaseDependencies,
	readers: SecretReaders,
): Pick<Dependencies, "state" | "deadLetters" | "secret"> {
	return {
		state: createDynamodbState({ client, table: manifest.stateTable, scope: stateScope(manifest), now, sleep }),
		deadLetters: createDeadLetters(manifest, client),
		secret: createSecrets(client, now, readers),
	};
}
