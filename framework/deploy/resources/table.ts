import type { Table } from "@pulumi/aws/dynamodb/table.js";
import type { Billing } from "../../definition/types.ts";
import type { OwnedTable } from "../../plan/types.ts";
import type { Component } from "../component.ts";
import type { ResourceArguments } from "../resource-classes.ts";
import type { OwnedTableNow } from "../settings.ts";

type TableArguments = ResourceArguments<"aws:dynamodb/table:Table">;

/** A table that the deployment owns. */
export function makeTable(owner: Component, id: string, name: string, properties: OwnedTable): Table {
	const { keys } = properties;
	return owner.make({
		type: "aws:dynamodb/table:Table",
		id,
		name: `--${id}`,
		args: {
			name,
			...keyArguments(keys),
			...billingArguments(properties.billing, owner.settings.owned.get(name)),
			...(properties.viewType === null
				? { streamEnabled: false }
				: { streamEnabled: true, streamViewType: properties.viewType }),
			...ttlArguments(properties.ttl, owner.settings.owned.get(name)),
			pointInTimeRecovery:
				properties.pointInTimeRecoveryDays === 0
					? { enabled: false }
					: { enabled: true, recoveryPeriodInDays: properties.pointInTimeRecoveryDays },
			// A stack that may be destroyed can be: the definition's word counts where the stack protects.
			deletionProtectionEnabled: properties.deletionProtection && owner.settings.protect,
			tableClass: properties.tableClass,
			serverSideEncryption: encryption(owner, properties.kmsKey),
			tags: owner.tags(properties.tags),
		},
		options: {
			...owner.dataOptions,
			// The provider takes a key's new type for a change in place, and then does nothing: told so, the engine replaces, and
			// refuses to where the table is protected.
			replacementTrigger: JSON.stringify([keys.partition, keys.sort]),
			// Two tables of one name cannot be there at once.
			deleteBeforeReplace: true,
		},
	});
}

function keyArguments({ partition, sort }: OwnedTable["keys"]): TableArguments {
	const attributes = sort === null ? [partition] : [partition, sort];
	return { hashKey: partition.name, ...(sort !== null && { rangeKey: sort.name }), attributes };
}

/** Left out, the provider leaves TTL on; and to turn it off, DynamoDB wants to hear the attribute. */
function ttlArguments(ttl: string | null, now: OwnedTableNow | undefined): TableArguments {
	if (ttl !== null) return { ttl: { attributeName: ttl, enabled: true } };
	return now?.ttl ? { ttl: { attributeName: now.ttl, enabled: false } } : {};
}

/** DynamoDB API reference, OnDemandThroughput: -1 takes a ceiling away; left out, the provider would ask for a change of nothing. */
const NO_CEILING = -1;

function billingArguments(billing: Billing, now: OwnedTableNow | undefined): TableArguments {
	if (billing.mode === "provisioned")
		return { billingMode: "PROVISIONED", readCapacity: billing.readUnits, writeCapacity: billing.writeUnits };
	const maxReadUnits = billing.maxReadUnits ?? (now?.hasMaxReadUnits ? NO_CEILING : null);
	const maxWriteUnits = billing.maxWriteUnits ?? (now?.hasMaxWriteUnits ? NO_CEILING : null);
	if (maxReadUnits === null && maxWriteUnits === null) return { billingMode: "PAY_PER_REQUEST" };
	return {
		billingMode: "PAY_PER_REQUEST",
		onDemandThroughput: {
			...(maxReadUnits !== null && { maxReadRequestUnits: maxReadUnits }),
			...(maxWriteUnits !== null && { maxWriteRequestUnits: maxWriteUnits }),
		},
	};
}

/** DynamoDB encrypts always: `enabled` says whether with a key of KMS instead of one that it owns. */
function encryption({ settings }: Component, kmsKey: string | null): TableArguments["serverSideEncryption"] {
	return kmsKey === null ? { enabled: false } : { enabled: true, kmsKeyArn: keyArn(settings, kmsKey) };
}

/** The ARN of a customer's key, as it was looked up before anything was made. */
export function keyArn({ keys }: Pick<Component["settings"], "keys">, kmsKey: string): string {
	const arn = keys.get(kmsKey);
	if (arn === undefined) throw new Error(`the key ${kmsKey} was not looked up`);
	return arn;
}
