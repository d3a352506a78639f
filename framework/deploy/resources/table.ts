import type { Table } from "@pulumi/aws/dynamodb/table.js";
import type { Billing } from "../../definition/types.ts";
import type { OwnedTable } from "../../plan/types.ts";
import type { Component } from "../component.ts";
import type { ResourceArguments } from "../resource-classes.ts";

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
			...billingArguments(properties.billing),
			...(properties.viewType === null
				? { streamEnabled: false }
				: { streamEnabled: true, streamViewType: properties.viewType }),
			...(properties.ttl !== null && { ttl: { attributeName: properties.ttl, enabled: true } }),
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

function billingArguments(billing: Billing): TableArguments {
	if (billing.mode === "provisioned")
		return { billingMode: "PROVISIONED", readCapacity: billing.readUnits, writeCapacity: billing.writeUnits };
	const { maxReadUnits, maxWriteUnits } = billing;
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
