import type { ClientOf } from "../contract/deliver.ts";

/** A rotated secret is seen after this long. */
const KEPT_MILLISECONDS = 5 * 60 * 1000;

type ReadSecret = (reference: string) => Promise<string>;

/** Reads `secretsmanager:name` and `ssm:/path`, and keeps what it read for five minutes. Never says a value in an error. */
export function createSecrets(client: ClientOf, now: () => number): ReadSecret {
	const kept = new Map<string, { value: Promise<string>; until: number }>();
	return (reference) => {
		const known = kept.get(reference);
		if (known && known.until > now()) return known.value;
		const value = read(reference, client);
		kept.set(reference, { value, until: now() + KEPT_MILLISECONDS });
		// A failure is not kept.
		value.catch(() => kept.delete(reference));
		return value;
	};
}

async function read(reference: string, client: ClientOf): Promise<string> {
	const [store, ...rest] = reference.split(":");
	const name = rest.join(":");
	const value = store === "secretsmanager" ? await readManager(name, client) : await readParameter(name, client);
	if (value === undefined) throw new Error(`${reference} has no text.`);
	return value;
}

// Imported when first needed: most functions read no secret, and a client costs start-up time.
async function readManager(name: string, client: ClientOf): Promise<string | undefined> {
	const { SecretsManagerClient, GetSecretValueCommand } = await import("@aws-sdk/client-secrets-manager");
	return (await client(SecretsManagerClient).send(new GetSecretValueCommand({ SecretId: name }))).SecretString;
}

async function readParameter(name: string, client: ClientOf): Promise<string | undefined> {
	const { SSMClient, GetParameterCommand } = await import("@aws-sdk/client-ssm");
	const answer = await client(SSMClient).send(new GetParameterCommand({ Name: name, WithDecryption: true }));
	return answer.Parameter?.Value;
}
