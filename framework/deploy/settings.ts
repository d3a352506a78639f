import type { asset } from "@pulumi/pulumi";
import type { PlannedFunction } from "../plan/types.ts";

/** What a deployment needs beside the plan: the stack's configuration, the place, and what was looked up there. */
export interface Settings {
	accountId: string;
	region: string;
	/** `aws`, `aws-cn`, `aws-us-gov` */
	partition: string;
	/** Base URL of what stands in for targets outside, in the environment `local`. */
	receiver?: string;
	/** Guards what holds data: the engine refuses to delete it, AWS refuses too, and it outlives its stack. */
	protect: boolean;
	logRetentionDays: number;
	/** On every resource that takes tags; a pipeline's own of the same name come before them. */
	tags: Record<string, string>;
	/** Now, as an ISO time: becomes the start of consumers that are deployed for the first time. */
	startedAt: string;
	/** The bundle of a function's role and kinds. */
	code(planned: Pick<PlannedFunction, "role" | "kinds" | "secrets">): asset.Asset;
	/** Tables that exist already, by name. */
	tables: ReadonlyMap<string, AdoptedTable>;
	/** Tables of the plan's that are there already, by name: what they have must be taken away in so many words. */
	owned: ReadonlyMap<string, OwnedTableNow>;
	/** ARNs of customers' keys, by what definitions call them: alias, id or ARN. */
	keys: ReadonlyMap<string, string>;
}

/** Settings of an owned table that the provider leaves as they are when they are no longer asked for. */
export interface OwnedTableNow {
	/** Attribute that TTL takes; null = off. */
	ttl: string | null;
	/** Whether there is a ceiling on requests. */
	hasMaxReadUnits: boolean;
	hasMaxWriteUnits: boolean;
}

/** A table that somebody else owns, as it was found. */
export interface AdoptedTable {
	arn: string;
	streamArn: string;
	/** Key that encrypts it, and so its stream, beyond those that the plan knows of; null = none. */
	kmsKeyArn: string | null;
}
