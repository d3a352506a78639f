import type { ContentSettings } from "../../framework/contract/content.ts";

/** As a definition gives them, defaults filled in. */
export interface HttpSettings extends ContentSettings {
	url: string;
	method: "POST" | "PUT";
	headers: Readonly<Record<string, string>>;
	/** Header name to the reference of its value. */
	secretHeaders: Readonly<Record<string, string>>;
	/** Reference. */
	signingSecret?: string;
	batch: { maxRecords: number };
	timeoutSeconds: number;
}
