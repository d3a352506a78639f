import { asset } from "@pulumi/pulumi";
import type { Settings } from "../deploy/settings.ts";

/** A deployment's settings without AWS, and without bundling: code is a text that names it. */
export function deploySettings(given: Partial<Settings> = {}): Settings {
	return {
		accountId: "123456789012",
		region: "eu-west-1",
		partition: "aws",
		protect: true,
		logRetentionDays: 90,
		tags: {},
		startedAt: "2026-01-01T09:30:00.123Z",
		code: ({ role, kinds }) => new asset.StringAsset(`// ${[role, ...kinds].join(", ")}`),
		tables: new Map(),
		owned: new Map(),
		keys: new Map(),
		...given,
	};
}
