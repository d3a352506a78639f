import type { Condition } from "../contract/condition.ts";
import type { ConsumerDefinitions, ImageNeed } from "../contract/consumer-definition.ts";
import type { ConsumerSettings } from "./types.ts";

export interface Need {
	image: ImageNeed;
	/** In a sentence, after "for". */
	why: string;
}

/** The images that a consumer reads, each once: those of its condition, then those of its kind. */
export function findNeeds(settings: ConsumerSettings, kinds: ConsumerDefinitions): Need[] {
	const ofKind = kinds[settings.kind]?.needs(settings.with) ?? [];
	const needs = [
		...(settings.when ? needsOf(settings.when) : []),
		...ofKind.map((image) => ({ image, why: `what its kind "${settings.kind}" sends` })),
	];
	return needs.filter((need, index) => needs.findIndex(({ image }) => image === need.image) === index);
}

function needsOf({ tests, changed, any }: Condition): Need[] {
	return [
		...tests.map(({ image }) => ({ image, why: `\`when.${image}\`` })),
		...(changed.length > 0 ? (["new", "old"] as const).map((image) => ({ image, why: "`when.changed`" })) : []),
		...any.flatMap(needsOf),
	];
}
