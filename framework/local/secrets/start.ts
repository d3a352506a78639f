import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { AwsError, type JsonInput, serveAwsJson } from "../aws-json.ts";
import type { LocalService } from "../http.ts";

/** Standard Webhooks specification: a signing key has 24 to 64 random bytes. */
const KEY_BYTES = 32;
/** Secrets are their owner's alone. */
const FILE_MODE = 0o600;

export interface Secrets {
	/** Secrets Manager's GetSecretValue and SSM's GetParameter. */
	service: LocalService;
	/** The value of `secretsmanager:<name>` or `ssm:<path>`. */
	secretOf(reference: string): Promise<string>;
}

export interface SecretsOptions {
	/** null = memory only. */
	file: string | null;
	/** So many random bytes. */
	random(bytes: number): Uint8Array;
}

/** Stands for the stores of secrets: each reference gets a generated value on first use, and keeps it. */
export function startSecrets({ file, random }: SecretsOptions): Secrets {
	const values = new Map(Object.entries(file === null ? {} : readValues(file)));
	const generatedValue = (reference: string): string => {
		const known = values.get(reference);
		if (known !== undefined) return known;
		const value = `whsec_${Buffer.from(random(KEY_BYTES)).toString("base64")}`;
		values.set(reference, value);
		if (file !== null) writeValues(file, Object.fromEntries(values));
		return value;
	};
	const service = serveAwsJson({
		GetSecretValue(input) {
			const name = requiredName(input, "SecretId");
			return { Name: name, SecretString: generatedValue(`secretsmanager:${name}`), VersionStages: ["AWSCURRENT"] };
		},
		GetParameter(input) {
			const name = requiredName(input, "Name");
			return {
				Parameter: {
					Name: name,
					Type: "SecureString",
					Value: generatedValue(`ssm:${name}`),
					Version: 1,
					DataType: "text",
				},
			};
		},
	});
	return { service, secretOf: async (reference) => generatedValue(reference) };
}

function requiredName(input: JsonInput, member: string): string {
	const name = input[member];
	if (typeof name !== "string" || name === "") throw new AwsError("ValidationException", `${member} is required.`);
	return name;
}

function readValues(file: string): Record<string, string> {
	if (!existsSync(file)) return {};
	chmodSync(file, FILE_MODE);
	try {
		return JSON.parse(readFileSync(file, "utf8"));
	} catch {
		throw new Error(`${file} is not JSON. Put it right, or delete it to have new secrets generated.`);
	}
}

function writeValues(file: string, values: Record<string, string>): void {
	mkdirSync(dirname(file), { recursive: true });
	writeFileSync(`${file}.new`, `${JSON.stringify(values, null, "\t")}\n`, { mode: FILE_MODE });
	renameSync(`${file}.new`, file);
}
