import type { ClientOf } from "../contract/deliver.ts";
import { OwnError } from "./observer.ts";
import type { SecretReader } from "./secret-readers.ts";

/** A rotated secret is seen after this long. */
const KEPT_MILLISECONDS = 5 * 60 * 1000;

/** By the store that a reference begins with. */
export type SecretReaders = Readonly<Record<string, SecretReader>>;

type ReadSecret = (reference: string) => Promise<string>;

/** Reads `secretsmanager:name` and `ssm:/path`, and keeps what it read for five minutes. Never says a value in an error. */
export function createSecrets(client: ClientOf, now: () => number, readers: SecretReaders): ReadSecret {
	const kept = new Map<string, { value: Promise<string>; until: number }>();
	return (reference) => {
		const known = kept.get(reference);
		if (known && known.until > now()) return known.value;
		const value = read(reference, client, readers);
		kept.set(reference, { value, until: now() + KEPT_MILLISECONDS });
		// A failure is not kept.
		value.catch(() => kept.delete(reference));
		return value;
	};
}

async function read(reference: string, client: ClientOf, readers: SecretReaders): Promise<string> {
	const [store = "", ...rest] = reference.split(":");
	const reader = readers[store];
	if (reader === undefined) throw new OwnError(`This function's code reads no secrets from ${store}.`);
	const value = await reader(rest.join(":"), client);
	if (value === undefined) throw new Error(`${reference} has no text.`);
	return value;
}
