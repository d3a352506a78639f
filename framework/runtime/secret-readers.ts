import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import type { ClientOf } from "../contract/deliver.ts";

/**
 * Reads a secret's text by its name; undefined when it has none. A bundle holds the readers that its functions' references name.
 * Imported at once and not when needed: of a package that is imported later a bundler keeps all of it.
 */
export type SecretReader = (name: string, client: ClientOf) => Promise<string | undefined>;

export const secretsmanager: SecretReader = async (name, client) =>
	(await client(SecretsManagerClient).send(new GetSecretValueCommand({ SecretId: name }))).SecretString;

export const ssm: SecretReader = async (name, client) =>
	(await client(SSMClient).send(new GetParameterCommand({ Name: name, WithDecryption: true }))).Parameter?.Value;
