import type { ImageNeed } from "../../contract/consumer-definition.ts";
import type { ViewType } from "../../contract/dynamodb.ts";
import { receivesExpired } from "../build.ts";
import { findNeeds } from "../needs.ts";
import type { Check } from "./check.ts";

export const checkKeysDiffer: Check = ({ definition }) => {
	const { partition, sort } = definition.table.keys;
	if (sort?.name !== partition.name) return [];
	return [
		{
			code: "key-attributes-equal",
			path: ["table", "keys", "sort", "name"],
			at: "value",
			detail: `"${sort.name}" is the partition key already, and DynamoDB takes two different attributes.`,
			help: "Name another attribute, or leave `sort` out.",
		},
	];
};

export const checkTtlIsNoKey: Check = ({ definition }) => {
	const { ttl, keys } = definition.table;
	if (ttl === null || (ttl !== keys.partition.name && ttl !== keys.sort?.name)) return [];
	return [
		{
			code: "ttl-is-key",
			path: ["table", "ttl"],
			at: "value",
			detail: `"${ttl}" is a key attribute. A key never changes, so the time of an item's end could not either.`,
			help: "Name an attribute of its own, `expiresAt` say.",
		},
	];
};

const IMAGES = {
	KEYS_ONLY: [],
	NEW_IMAGE: ["new"],
	OLD_IMAGE: ["old"],
	NEW_AND_OLD_IMAGES: ["new", "old"],
} as const satisfies Record<ViewType, readonly ImageNeed[]>;

export const checkViewType: Check = ({ definition, consumers, kinds }) => {
	const { viewType } = definition.table;
	const held: readonly ImageNeed[] = IMAGES[viewType];
	return consumers
		.filter(({ enabled }) => enabled)
		.flatMap(({ settings }) => {
			const needs = findNeeds(settings, kinds);
			const lacking = needs.filter(({ image }) => !held.includes(image));
			if (lacking.length === 0) return [];
			const images = new Set<ImageNeed>([...held, ...lacking.map(({ image }) => image)]);
			const enough = images.size === 2 ? "NEW_AND_OLD_IMAGES" : images.has("new") ? "NEW_IMAGE" : "OLD_IMAGE";
			const reasons = lacking.map(({ image, why }) => `the ${image} image for ${why}`).join(", and ");
			return [
				{
					code: "view-type-too-narrow" as const,
					path: ["table", "viewType"],
					at: "value" as const,
					detail: `The consumer "${settings.name}" needs ${reasons}; records of ${viewType} do not hold it.`,
					help: `Write \`viewType: ${enough}\`. On a stream that exists it cannot be edited: it takes a new stream.`,
				},
			];
		});
};

export const hintAtExpiredItems: Check = ({ definition, consumers }) => {
	if (definition.table.ttl === null) return [];
	return consumers
		.filter(({ enabled, namesEvents, settings }) => enabled && !namesEvents && receivesExpired(settings))
		.map(({ path, settings }) => ({
			code: "events-unspecified",
			path: [...path, "name"],
			at: "value",
			detail: `The table has a TTL and "${settings.name}" names no events, so it also receives each item that TTL deletes.`,
			help: "If that is meant, write all four: `when: { events: [INSERT, MODIFY, REMOVE, EXPIRE] }`; if not, leave EXPIRE out.",
		}));
};
