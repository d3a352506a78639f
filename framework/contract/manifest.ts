import type { Condition } from "./condition.ts";
import type { ViewType } from "./dynamodb.ts";

export const MANIFEST_FORMAT_VERSION = 1;

/** `lake` and `router` read the table's stream; `consumer` reads the fan-out's Kinesis stream. */
export type FunctionRole = "lake" | "router" | "consumer";

export interface KeyAttribute {
	name: string;
	type: "S" | "N" | "B";
}

export interface TableKeys {
	partition: KeyAttribute;
	sort: KeyAttribute | null;
}

export type LakeCompression = "gzip" | "zstd";

/** One consumer, as the function that serves it needs it. */
export interface ManifestConsumer {
	name: string;
	kind: string;
	/** The kind's own settings, defaults filled in; validated when the plan was made, so not again. */
	settings: unknown;
	/** null = every record. */
	condition: Condition | null;
	/** Seconds a key may stay in `retry` before it is parked. */
	budgetSeconds: number;
	/** Deliveries in flight at once in one invocation, each of another item. */
	concurrency: number;
	/** Hours for which a delivered record is remembered, so that it is not delivered again; 0 = not at all. */
	deduplicationHours: number;
}

/**
 * The plan's slice for one function: the only thing a Lambda reads of it, as the file `manifest.json` beside the bundle.
 * Names in it may hold the tokens of `bindManifest` until the function is deployed or run locally.
 */
export interface Manifest {
	formatVersion: typeof MANIFEST_FORMAT_VERSION;
	environment: string;
	pipeline: string;
	/** `lake`, `router` or a consumer's name. */
	function: string;
	role: FunctionRole;
	table: { name: string; keys: TableKeys; ttl: string | null; viewType: ViewType };
	/** Name of the environment's state table. */
	stateTable: string;
	/** Where dead letters and claim checks go; keys begin with the pipeline's own prefix. */
	operations: { bucket: string };
	/** Share of events, 0 to 1, whose every outcome is logged; the same events in every function. */
	logs: { sampleRate: number };
	/** Role `lake` only. Keys begin with `pipeline=<name>/`. */
	lake: { bucket: string; compression: LakeCompression } | null;
	/** Role `router` of a `kinesis` fan-out only. Bytes above which a record is claim-checked: data and partition key together. */
	forward: { stream: string; maxRecordBytes: number } | null;
	/** Whom this function delivers to: none for the lake and a forwarding router, one for a consumer, all for a direct router. */
	consumers: ManifestConsumer[];
}

/** What only the place of deployment knows. Tokens in names and settings: `${accountId}`, `${region}`, `${partition}`, `${receiver}`. */
export interface Bindings {
	accountId: string;
	region: string;
	/** `aws`, `aws-cn`, `aws-us-gov`; for ARNs. */
	partition?: string;
	/** Base URL of the built-in receiver, without a slash at its end; local environments only. */
	receiver?: string;
}

/** Replaces the tokens in every string of a value. Unknown tokens stay as they are. */
export function bind<T>(value: T, bindings: Bindings): T {
	if (typeof value === "string")
		return value.replace(
			/\$\{(accountId|region|partition|receiver)\}/g,
			(token, name: keyof Bindings) => bindings[name] ?? token,
		) as T;
	if (Array.isArray(value)) return value.map((member) => bind(member, bindings)) as T;
	if (value === null || typeof value !== "object") return value;
	return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, bind(member, bindings)])) as T;
}

/** Binds a manifest. Conditions are compared with users' data and stay untouched. */
export function bindManifest(manifest: Manifest, bindings: Bindings): Manifest {
	const { consumers, ...rest } = manifest;
	return {
		...bind(rest, bindings),
		consumers: consumers.map((consumer) => ({ ...consumer, settings: bind(consumer.settings, bindings) })),
	};
}
